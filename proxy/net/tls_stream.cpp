#include "proxy/net/tls_stream.hpp"

namespace postern::net {

using tls::step;

namespace {

// How long a ticket waits for a response to travel with.
constexpr auto ticket_wait = std::chrono::milliseconds(100);

}  // namespace

tls_stream::tls_stream(stream& before, SSL_CTX* context, std::string expected_name, block_pool& pool, block&& received)
    : stream(before), pool_(pool), engine_(context, std::move(expected_name)), in_(std::move(received)) {}

template <class Step>
auto tls_stream::with_buffers(Step take) {
    // Room for output even when reading: an alert or the answer to a KeyUpdate must find it.
    if (!out_) out_ = pool_.lend();
    engine_.lend(out_.room());
    engine_.feed(in_.filled());
    const auto outcome = take();
    in_.consume(in_.filled().size() - engine_.unread().size());
    out_.add(engine_.produced());
    if (in_.empty()) in_ = {};
    if (out_.empty()) out_ = {};
    return outcome;
}

io_status tls_stream::receive_more() {
    // Part of a record may be there.
    make_room(in_, pool_);
    const auto got = receive(in_.room().first(std::min(in_.room().size(), payload_size)));
    in_.add(got.bytes);
    if (in_.empty()) in_ = {};
    if (got.status == io_status::would_block) engine_.fell_silent();
    return got.status == io_status::end ? io_status::truncated : got.status;
}

io_status tls_stream::handshake() {
    for (;;) {
        const step taken = with_buffers([this] { return engine_.handshake(); });
        if (taken == step::done && engine_.ends_with_tickets()) {
            ticket_size_ = out_.filled().size();
            if (holds_output()) arm(socket().on().all_deadlines(), ticket_wait);
            return io_status::ok;
        }
        const io_status sent = flush();
        if (taken == step::failed) return io_status::failed;
        // Also when TLS is done: the client may be waiting for the end of our last flight before it says anything.
        if (sent != io_status::ok) return sent;
        if (taken == step::done) return io_status::ok;
        if (taken == step::want_output) continue;
        if (const io_status got = receive_more(); got != io_status::ok) return got;
    }
}

// What the socket does not take leaves with the next write; what has failed, the next operation tells.
void tls_stream::expired() { static_cast<void>(flush()); }

io_result tls_stream::read_some(std::span<std::uint8_t> into) {
    read_waits_for_write_ = false;
    if (engine_.starved(in_.filled()))
        if (const io_status got = receive_more(); got != io_status::ok) return {got, 0};
    for (;;) {
        const auto read = with_buffers([&] { return engine_.read(into); });
        // What reading made us say (an alert, a KeyUpdate) goes out now; what does not fit waits for the next write.
        if (holds_output() && !only_waiting_ticket()) {
            const io_status sent = flush();
            if (sent != io_status::ok && sent != io_status::would_block) return {sent, read.bytes};
            read_waits_for_write_ = read.status == step::want_output && sent == io_status::would_block;
            if (read_waits_for_write_ && read.bytes == 0) return {sent, 0};
        }
        if (read.bytes > 0) return {io_status::ok, read.bytes};
        switch (read.status) {
            case step::done: return {io_status::ok, 0};
            case step::closed: return {io_status::end, 0};
            case step::want_output: continue;
            case step::want_input: break;
            case step::failed: error_ = engine_.error().detail; return {io_status::failed, 0};
        }
        if (const io_status got = receive_more(); got != io_status::ok) return {got, 0};
    }
}

io_result tls_stream::write_some(std::span<const std::uint8_t> from) {
    std::size_t taken = 0;
    for (;;) {
        const auto wrote = with_buffers([&] { return engine_.write(from.subspan(taken)); });
        taken += wrote.bytes;
        // What it cannot do now, finish() does.
        if (end_follows_ && wrote.status == step::done) static_cast<void>(write_close_notify());
        if (const io_status sent = flush(); sent != io_status::ok) return {sent, taken};
        switch (wrote.status) {
            case step::done: return {io_status::ok, taken};
            case step::want_output: continue;
            default: error_ = engine_.error().detail; return {io_status::failed, taken};
        }
    }
}

io_status tls_stream::flush() {
    disarm();
    if (!holds_output()) return io_status::ok;
    const auto sent = transmit(out_.filled());
    out_.consume(sent.bytes);
    if (out_.empty()) out_ = {};
    return sent.status;
}

io_status tls_stream::write_close_notify() {
    if (close_notify_written_) return io_status::ok;
    const step taken = with_buffers([this] { return engine_.close(); });
    close_notify_written_ = taken == step::done;
    if (taken == step::failed) return io_status::failed;
    return close_notify_written_ ? io_status::ok : io_status::would_block;
}

io_status tls_stream::say_goodbye() {
    end_follows_ = true;
    for (;;) {
        const io_status written = write_close_notify();
        if (written == io_status::failed) return written;
        if (const io_status sent = flush(); sent != io_status::ok) return sent;
        // What found no room finds it now.
        if (written == io_status::ok) return written;
    }
}

io_status tls_stream::finish() {
    const io_status said = say_goodbye();
    return said == io_status::ok ? shut_down_write() : said;
}

}  // namespace postern::net
