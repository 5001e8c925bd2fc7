#include "proxy/session/http1_client.hpp"

#include "proxy/ops/http_date.hpp"
#include "proxy/session/closing.hpp"

#include <algorithm>
#include <array>

#include <sys/socket.h>

namespace postern::session {
namespace {

using net::io_status;
using net::wait_result;

// Payload from this size on is written from where it lies; less is gathered with what goes before and after it.
constexpr std::size_t worth_a_write = 8 * 1024;
// nginx's lingering_timeout and lingering_time.
constexpr auto lingering_silence = std::chrono::seconds(5);
constexpr auto lingering_time = std::chrono::seconds(30);

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

wire::head_limits limits_of(const config::server& as) {
    const auto& buffers = as.large_client_header_buffers;
    return {buffers.size, buffers.number * buffers.size};
}

// nginx adds headers to these alone.
bool is_own_answer(unsigned status) {
    constexpr std::array all{200U, 201U, 204U, 206U, 301U, 302U, 303U, 304U, 307U, 308U};
    return std::find(all.begin(), all.end(), status) != all.end();
}

}  // namespace

net::clock::duration between_requests::patience() const {
    const auto within = requests == 0 ? as->client_header_timeout : as->keepalive_timeout;
    return std::max<net::clock::duration>(silent_since + within - net::clock::now(), {});
}

http1_client::http1_client(net::stream& s, client_site site, between_requests& before)
    : stream_(s),
      site_(site),
      between_(before),
      in_(std::move(before.received)),
      reading_(site.deadlines),
      writing_(site.deadlines),
      began_(net::clock::now()) {}

// ---- the request ----------------------------------------------------------------------------------------------------

net::task<result<void>> http1_client::read_head(io_status got) {
    const auto limits = limits_of(*between_.as);
    for (;;) {
        if (got == io_status::ok) {
            const auto status = reader_.read(in_.filled(), limits);
            if (status == wire::head_status::refused)
                co_return failure{party::client, phase::request, reason::bad_request,
                                  std::string(reader_.refused().why)};
            if (status == wire::head_status::complete) break;
        } else if (got == io_status::would_block) {
            auto waited = co_await head_ready();
            if (!waited) co_return waited;
        } else {
            const bool finished = got == io_status::end || got == io_status::truncated;
            if (finished && !reader_.begun()) co_return failure{party::client, phase::request, reason::closed, {}};
            co_return broken(got, phase::request);
        }
        net::make_room(in_, site_.pool);
        got = read_more(in_);
    }
    in_.consume(reader_.size());
    bytes_in_ = reader_.size();
    is_head_ = head().method == "HEAD";
    body_ = wire::body_reader(head().body);
    ++between_.requests;
    const auto& as = *between_.as;
    const bool enough =
        between_.requests >= as.keepalive_requests || as.keepalive_timeout == config::milliseconds::zero();
    if (!head().keep_alive || enough) between_.last = true;
    co_return result<void>();
}

// Nothing but empty lines is no request yet.
net::task<result<void>> http1_client::head_ready() {
    const bool begun = reader_.begun();
    auto within = between_.patience();
    if (begun) within = began_ + between_.as->client_header_timeout - net::clock::now();
    waits_for_first_byte_ = !begun;
    const auto waited = co_await reading_.readable(stream_, std::max<net::clock::duration>(within, {}));
    waits_for_first_byte_ = false;
    if (!begun) began_ = net::clock::now();
    if (waited == wait_result::stopped) co_return failure{party::postern, phase::request, *stopped_, {}};
    if (waited == wait_result::ready) co_return result<void>();
    if (begun) co_return failure{party::client, phase::request, reason::request_timeout, {}};
    co_return failure{party::postern, phase::request, reason::idle_timeout, {}};
}

io_status http1_client::read_more(net::block& into) {
    const auto got = stream_.read_some(into.room());
    into.add(got.bytes);
    return got.bytes > 0 ? io_status::ok : got.status;
}

void http1_client::release_head() {
    head_released_ = true;
    if (in_.empty()) in_ = {};
}

bool http1_client::next_request() {
    if (!body_.complete() || between_.last) return false;
    auto& rest = further_ ? further_ : in_;
    if (!rest.empty()) between_.received = std::move(rest);
    between_.silent_since = net::clock::now();
    return true;
}

// ---- the request's body ---------------------------------------------------------------------------------------------

requester::body_piece http1_client::body() {
    for (;;) {
        net::block& from = further_ ? further_ : in_;
        const auto part = body_.next(from.filled());
        from.consume(part.consumed);
        bytes_in_ += part.consumed;
        if (!part.payload.empty()) return {body_status::piece, part.payload};
        if (body_.complete()) {
            if (further_.empty()) further_ = {};
            if (head_released_ && in_.empty()) in_ = {};
            return {body_status::complete};
        }
        if (body_.refused()) {
            body_failure_ = {party::client, phase::exchange, reason::bad_request, std::string(body_.why())};
            return {body_status::failed};
        }
        if (part.consumed > 0) continue;
        if (!further_) {
            // While the head is looked at its block stays as it is.
            further_ = site_.pool.lend();
            further_.append(in_.filled());
            in_.consume(in_.filled().size());
            if (head_released_) in_ = {};
        } else {
            net::make_room(further_, site_.pool);
        }
        const io_status got = read_more(further_);
        if (got == io_status::ok) continue;
        if (got == io_status::would_block) {
            if (further_.empty()) further_ = {};
            return {body_status::wait};
        }
        body_failure_ = broken(got, phase::exchange);
        return {body_status::failed};
    }
}

net::task<result<void>> http1_client::body_ready() {
    const auto waited = co_await reading_.readable(stream_, between_.as->client_body_timeout);
    if (waited == wait_result::ready) co_return result<void>();
    body_failure_ = {party::client, phase::exchange, reason::body_timeout, {}};
    if (waited == wait_result::stopped)
        body_failure_ = {party::postern, phase::exchange, stopped_.value_or(reason::answered), {}};
    co_return body_failure_;
}

void http1_client::leave_body() { reading_.end_wait(); }

// ---- the response ---------------------------------------------------------------------------------------------------

net::task<result<void>> http1_client::send_interim(const wire::response_head& head) {
    // RFC 9110 section 15.2: HTTP/1.0 has none of them.
    if (this->head().version == wire::http_version::http_1_0) co_return result<void>();
    std::string text;
    wire::append_response(text, head, {}, {});
    auto sent = co_await put(text);
    if (!sent) co_return sent;
    co_return co_await flush();
}

net::task<result<void>> http1_client::send_head(const wire::response_head& head, wire::body_length body) {
    using kind = wire::body_length::kind;
    const bool old = this->head().version == wire::http_version::http_1_0;
    sending_ = body;
    // Chunks where the client knows them, so that it can tell the whole from a part.
    if (body.type == kind::chunked || body.type == kind::until_close)
        sending_.type = old ? kind::until_close : kind::chunked;
    if (sending_.type == kind::until_close || !body_.complete()) between_.last = true;
    wire::response_context context;
    context.client_version = this->head().version;
    context.close = between_.last;
    context.body = sending_;
    context.date = site_.date.http_date(std::chrono::system_clock::now());
    context.instead = set_;
    std::string text;
    text.reserve(512);
    const std::span<const wire::set_header> added = added_;
    wire::append_response(text, head, context, is_own_answer(head.status) ? added : added.first(0));
    answered_ = head.status;
    co_return co_await put(text);
}

net::task<result<void>> http1_client::send_body(std::span<const std::uint8_t> bytes) {
    body_bytes_out_ += bytes.size();
    if (sending_.type == wire::body_length::kind::chunked) {
        wire::chunk_line_room room;
        auto sent = co_await put(wire::chunk_line(bytes.size(), room));
        if (sent) sent = co_await put({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (sent) sent = co_await put("\r\n");
        co_return sent;
    }
    if (bytes.size() < worth_a_write)
        co_return co_await put({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    auto sent = co_await flush();
    if (sent) sent = co_await write(bytes);
    co_return sent;
}

net::task<result<void>> http1_client::end_body(const std::vector<wire::header>& trailers) {
    if (sending_.type == wire::body_length::kind::chunked) {
        std::string text;
        wire::append_last_chunk(text, trailers);
        auto sent = co_await put(text);
        if (!sent) co_return sent;
    }
    if (between_.last) stream_.last_write_follows();
    co_return co_await flush();
}

net::task<result<void>> http1_client::put(std::string_view bytes) {
    auto left = bytes_of(bytes);
    for (;;) {
        if (!out_) out_ = site_.pool.lend();
        const auto fits = left.first(std::min(left.size(), out_.room().size()));
        out_.append(fits);
        left = left.subspan(fits.size());
        if (left.empty()) co_return result<void>();
        auto sent = co_await flush();
        if (!sent) co_return sent;
    }
}

net::task<result<void>> http1_client::flush() {
    if (!out_) co_return result<void>();
    const auto full = std::move(out_);
    co_return co_await write(full.filled());
}

net::task<result<void>> http1_client::write(std::span<const std::uint8_t> bytes) {
    bytes_out_ += bytes.size();
    const io_status wrote = co_await net::write_all(stream_, bytes, writing_, between_.as->send_timeout);
    if (wrote == io_status::ok) co_return result<void>();
    if (wrote == io_status::stopped) co_return failure{party::postern, phase::exchange, *stopped_, {}};
    co_return broken(wrote, phase::exchange);
}

failure http1_client::broken(io_status how, phase during) const {
    switch (how) {
        case io_status::timeout: return {party::client, during, reason::send_timeout, {}};
        case io_status::failed: return {party::client, during, reason::client_error, stream_.error()};
        default: return {party::client, during, reason::client_closed, {}};
    }
}

// ---- the end --------------------------------------------------------------------------------------------------------

net::task<bool> http1_client::finish(bool for_good) {
    return session::finish(stream_, writing_, between_.as->send_timeout, for_good);
}

bool http1_client::more_has_come() {
    if (!in_.empty() || !further_.empty()) return true;
    if (stream_.socket().known_silent()) return false;
    char byte = 0;
    return ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

net::task<> http1_client::linger() {
    const bool told = co_await finish(false);
    if (!told) co_return;
    auto waste = site_.pool.lend();
    const auto give_up = net::clock::now() + lingering_time;
    for (int moves = 1; !stopped_ && net::clock::now() < give_up; ++moves) {
        if (moves % net::pieces_a_turn == 0) co_await net::let_others_run(stream_.socket().on());
        const auto got = stream_.read_some(waste.room());
        if (got.bytes > 0) continue;
        if (got.status != io_status::would_block) co_return;
        if (co_await reading_.readable(stream_, lingering_silence) != wait_result::ready) co_return;
    }
}

void http1_client::stop(reason why) {
    if (!stopped_) stopped_ = why;
    reading_.stop();
    writing_.stop();
}

bool http1_client::stop_if_idle(reason why) {
    if (!waits_for_first_byte_) return false;
    stop(why);
    return true;
}

net::block http1_client::take_rest() { return further_ ? std::move(further_) : std::move(in_); }

}  // namespace postern::session
