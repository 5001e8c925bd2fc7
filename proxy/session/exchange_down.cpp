// An exchange's leg from the peer to the client.
#include "proxy/session/exchange.hpp"
#include "proxy/session/worker.hpp"

#include <algorithm>

namespace postern::session {
namespace {

using net::io_status;
using net::wait_result;

// How often a client that waits for a slow backend is looked at.
constexpr auto client_look = std::chrono::seconds(1);
// What a backend's head may measure.
constexpr wire::head_limits response_limits{64 * 1024, 64 * 1024};

}  // namespace

net::task<failure> exchange::download() {
    for (;;) {
        auto read = co_await read_response_head();
        if (!read) co_return read.error();
        const auto& head = response_.head();
        if (head.status >= 200 || head.status == 101) break;
        auto sent = co_await client_.send_interim(head);
        if (!sent) co_return sent.error();
        in_.consume(response_.size());
        response_.reset();
        if (++moves_ % net::pieces_a_turn == 0) co_await net::let_others_run(worker_.loop());
    }
    const auto& head = response_.head();
    record_->status = head.status;
    if (head.status == 101 && !plan_.upgrade)
        co_return failure{party::upstream, phase::exchange, reason::bad_response, "an upgrade that was not asked for"};
    switched_ = head.status == 101;
    body_ = wire::body_reader(head.body);
    auto sent = co_await client_.send_head(head, head.body);
    if (!sent) co_return sent.error();
    in_.consume(response_.size());
    if (switched_)
        sent = co_await client_.flush();
    else
        sent = co_await pass_body();
    if (!sent) {
        // What has come of it is the client's, also when no more will come.
        const auto flushed = co_await client_.flush();
        static_cast<void>(flushed);
        co_return sent.error();
    }
    co_return failure{party::postern, phase::exchange, reason::answered, {}};
}

net::task<result<void>> exchange::read_response_head() {
    for (;;) {
        const auto status =
            in_ ? response_.read(in_.filled(), plan_.method, response_limits) : wire::head_status::need_more;
        if (status == wire::head_status::complete) co_return result<void>();
        if (status == wire::head_status::refused)
            co_return failure{party::upstream, phase::exchange, reason::bad_response,
                              std::string(response_.refused().why)};
        auto more = co_await more_response();
        if (!more) co_return more;
    }
}

net::task<result<void>> exchange::pass_body() {
    while (!body_.complete()) {
        const auto part = body_.next(in_.filled());
        if (!part.payload.empty()) {
            auto sent = co_await client_.send_body(part.payload);
            if (!sent) co_return sent;
        }
        in_.consume(part.consumed);
        if (body_.refused())
            co_return failure{party::upstream, phase::exchange, reason::bad_response, std::string(body_.why())};
        if (part.consumed > 0 || body_.complete()) continue;
        auto more = co_await more_response();
        if (more) continue;
        if (more.error().why != reason::upstream_closed || !body_.end_of_input()) co_return more;
        break;
    }
    co_return co_await client_.end_body(body_.trailers());
}

// Reads what has come; waits when nothing has.
net::task<result<void>> exchange::more_response() {
    // What was just asked has no answer yet: the first look would be in vain.
    bool look = answer_begun_;
    if (++moves_ % net::pieces_a_turn == 0) co_await net::let_others_run(worker_.loop());
    for (;;) {
        if (look) {
            net::make_room(in_, worker_.pool());
            // No more than TLS can take into a block of its own, so that a read becomes one write.
            const auto got = upstream_->read_some(in_.room().first(std::min(in_.room().size(), net::payload_size)));
            in_.add(got.bytes);
            if (in_.empty()) in_ = {};
            if (got.bytes > 0) {
                if (!answer_begun_) record_->first_byte = net::clock::now() - sent_at_;
                answer_begun_ = true;
                co_return result<void>();
            }
            if (got.status != io_status::would_block && got.status != io_status::ok) co_return broken(got.status);
        }
        auto ready = co_await response_ready();
        if (!ready) co_return ready;
        look = true;
    }
}

net::task<result<void>> exchange::response_ready() {
    auto flushed = co_await client_.flush();
    if (!flushed) co_return flushed;
    auto give_up = net::clock::now() + plan_.read_timeout;
    for (;;) {
        const auto left = std::max<net::clock::duration>(give_up - net::clock::now(), {});
        const auto waited = co_await reading_.readable(*upstream_, std::min<net::clock::duration>(left, client_look));
        if (waited == wait_result::ready) co_return result<void>();
        if (waited == wait_result::stopped) co_return broken(io_status::stopped);
        if (client_.gone()) co_return failure{party::client, phase::exchange, reason::client_closed, {}};
        // The time is the backend's to answer in: it begins when the whole request is there (nginx). Until then the
        // other leg's timeouts watch.
        const bool going_up = uploading_ && !upload_complete_ && !upload_over_;
        give_up = std::max(give_up, (going_up ? net::clock::now() : sent_at_) + plan_.read_timeout);
        if (net::clock::now() >= give_up) co_return failure{party::upstream, phase::exchange, reason::read_timeout, {}};
    }
}

}  // namespace postern::session
