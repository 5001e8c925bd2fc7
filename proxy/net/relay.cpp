#include "proxy/net/relay.hpp"

namespace postern::net {
namespace {

// How often one direction may move before everybody else has a turn: 16 blocks are 1 MiB at the most.
constexpr int moves_a_turn = 8;

failure how_it_broke(party by, io_status how, const stream& s) {
    const bool client = by == party::client;
    switch (how) {
        case io_status::truncated: return {by, phase::relay, reason::client_truncated, {}};
        case io_status::reset: return {by, phase::relay, client ? reason::client_reset : reason::upstream_reset, {}};
        default: return {by, phase::relay, client ? reason::client_error : reason::upstream_error, s.error()};
    }
}

}  // namespace

relay::relay(stream& client, stream& upstream, block_pool& pool, deadlines& all, clock::duration idle,
             byte_counts* counts)
    : to_upstream_{client, upstream, party::client, party::upstream,
                   counts != nullptr ? &counts->from_client : nullptr},
      to_client_{upstream, client, party::upstream, party::client, counts != nullptr ? &counts->to_client : nullptr},
      pool_(pool),
      deadlines_(all),
      idle_(idle) {}

void relay::begin_with(block&& from_client, block&& from_upstream) {
    if (!from_client.empty()) to_upstream_.hold(std::move(from_client));
    if (!from_upstream.empty()) to_client_.hold(std::move(from_upstream));
}

void relay::leg::hold(block&& read) {
    const auto size = read.filled().size();
    bytes += size;
    if (counts != nullptr) counts->add(size);
    held = std::move(read);
    now = state::writing;
}

task<failure> relay::run() {
    arm(deadlines_, idle_);
    advance(to_upstream_);
    advance(to_client_);
    auto finished = operation(
        [this](completion then) {
            finished_ = std::move(then);
            complete_when_idle();
        },
        as_result);
    co_await std::move(finished);
    co_return std::move(ending_);
}

void relay::stop(party by, reason why) { end({by, phase::relay, why, {}}); }

void relay::expired() { stop(party::postern, reason::idle_timeout); }

void relay::advance(leg& l) {
    for (int moves = 0; !ended_ && l.now != state::done; ++moves) {
        if (moves == moves_a_turn) return yield(l);
        if (!move(l)) return;
    }
    if (to_upstream_.now == state::done && to_client_.now == state::done)
        end({to_upstream_.from, phase::relay, reason::closed, {}});
}

bool relay::move(leg& l) {
    switch (l.now) {
        case state::reading: return read(l);
        case state::writing: return write(l);
        case state::finishing: return finish(l);
        case state::done: return false;
    }
    return false;
}

bool relay::read(leg& l) {
    auto block = pool_.lend();
    const auto got = l.source.read_some(block.room().first(payload_size));
    if (got.bytes > 0) {
        block.add(got.bytes);
        l.hold(std::move(block));
        touch();
        return true;
    }
    switch (got.status) {
        case io_status::ok: return true;
        case io_status::would_block:
            l.source.read_waits_for_write() ? wait_writable(l, l.source) : wait_readable(l);
            return false;
        case io_status::end: l.now = state::finishing; return true;
        default: broken(l.from, got.status, l.source); return false;
    }
}

bool relay::write(leg& l) {
    const auto put = l.held ? l.sink.write_some(l.held.filled()) : io_result{l.sink.flush(), 0};
    l.held.consume(put.bytes);
    if (put.bytes > 0) touch();
    // What is left may be in the stream's own hands; our block goes back all the same.
    if (l.held.empty()) l.held = {};
    switch (put.status) {
        case io_status::ok: l.now = state::reading; return true;
        case io_status::would_block: wait_writable(l, l.sink); return false;
        default: broken(l.to, put.status, l.sink); return false;
    }
}

bool relay::finish(leg& l) {
    const auto told = l.sink.finish();
    if (told == io_status::would_block) {
        wait_writable(l, l.sink);
        return false;
    }
    // One that has gone already needs not be told, when it has said its last word before.
    const bool said_all = (&l == &to_upstream_ ? to_client_ : to_upstream_).now >= state::finishing;
    if (told != io_status::ok && !said_all) {
        broken(l.to, told, l.sink);
        return false;
    }
    l.now = state::done;
    touch();
    return true;
}

void relay::wait_readable(leg& l) {
    ++outstanding_;
    l.source.socket().async_wait(direction::read, [this, &l](error_code e) {
        l.source.became_readable();
        go_on(l, e);
    });
}

void relay::wait_writable(leg& l, stream& s) {
    ++outstanding_;
    s.socket().async_wait(direction::write, [this, &l](error_code e) { go_on(l, e); });
}

void relay::go_on(leg& l, error_code waited) {
    --outstanding_;
    if (!waited) advance(l);
    complete_when_idle();
}

void relay::yield(leg& l) {
    ++outstanding_;
    l.source.socket().on().later(completion::of([this, &l](error_code e) { go_on(l, e); }));
}

void relay::broken(party by, io_status how, const stream& s) { end(how_it_broke(by, how, s)); }

void relay::end(failure why) {
    if (ended_) return;
    ended_ = true;
    ending_ = std::move(why);
    disarm();
    to_upstream_.source.socket().cancel();
    to_client_.source.socket().cancel();
}

void relay::complete_when_idle() {
    if (ended_ && outstanding_ == 0 && finished_) to_client_.sink.socket().on().soon(std::move(finished_));
}

}  // namespace postern::net
