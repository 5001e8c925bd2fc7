#include "proxy/session/inquiry.hpp"

#include "proxy/wire/body.hpp"
#include "proxy/wire/text.hpp"

#include <array>

namespace postern::session {
namespace {

using net::io_status;

constexpr std::size_t longest_answer = 64 * 1024;
constexpr std::string_view response_type = "application/ocsp-response";

config::upstream group_of(const config::http_url& url) {
    config::upstream alone;
    alone.name = url.authority;
    alone.servers = {url.address};
    return alone;
}

std::string post(const config::http_url& to, const certs::der& body) {
    std::string text = "POST " + to.target + " HTTP/1.1\r\nHost: " + to.authority +
                       "\r\nContent-Type: application/ocsp-request\r\nAccept: " + std::string(response_type) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    text.append(reinterpret_cast<const char*>(body.data()), body.size());
    return text;
}

failure bad_response(std::string why) {
    return {party::upstream, phase::exchange, reason::bad_response, std::move(why)};
}

// Why this is no answer to a question; empty when it may be one.
std::string refused(const wire::response_head& head) {
    if (head.status != 200) return "status " + std::to_string(head.status);
    const auto* type = head.find(wire::known::content_type);
    if (type == nullptr) return "an answer without Content-Type";
    const auto word = type->value.substr(0, type->value.find_first_of("; \t"));
    if (!wire::equal_ignoring_case(word, response_type)) return "Content-Type " + std::string(type->value);
    return {};
}

}  // namespace

inquiry::inquiry(config::http_url responder, upstream::site where, net::clock::duration patience)
    : responder_(std::move(responder)), where_(where), patience_(patience), waiting_(where.loop.all_deadlines()) {}

net::task<result<certs::der>> inquiry::run(certs::der request) {
    arm(where_.loop.all_deadlines(), patience_);
    upstream::connector connector(std::make_shared<upstream::target>(group_of(responder_), where_), patience_);
    connecting_ = &connector;
    if (ended_) connector.stop(*ended_);
    auto connected = co_await connector.run();
    connecting_ = nullptr;
    if (!connected) co_return connected.error();
    net::plain_stream stream(std::move(connected->socket));
    auto answer = co_await converse(stream, post(responder_, request));
    disarm();
    co_return answer;
}

net::task<result<certs::der>> inquiry::converse(net::stream& with, const std::string& request) {
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(request.data()), request.size());
    const auto sent = co_await net::write_all(with, bytes, waiting_, patience_);
    if (sent != io_status::ok) co_return broken(sent, with.error());
    wire::body_length length;
    auto head = co_await read_head(with, length);
    if (!head) co_return head.error();
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(*head));
    wire::body_reader reader(length);
    certs::der body;
    for (;;) {
        const auto part = reader.next(received_);
        body.insert(body.end(), part.payload.begin(), part.payload.end());
        received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(part.consumed));
        if (reader.refused()) co_return bad_response(std::string(reader.why()));
        if (body.size() > longest_answer) co_return bad_response("an answer of more than 64k");
        if (reader.complete()) co_return body;
        if (part.consumed > 0) continue;
        auto more = co_await read_more(with);
        if (more) continue;
        if (more.error().why != reason::upstream_closed || !reader.end_of_input()) co_return more.error();
    }
}

// The size of the head, which is at the front of received_.
net::task<result<std::size_t>> inquiry::read_head(net::stream& from, wire::body_length& body) {
    wire::response_reader reader;
    for (;;) {
        const auto status = reader.read(received_, "POST", {});
        if (status == wire::head_status::refused) co_return bad_response(std::string(reader.refused().why));
        if (status == wire::head_status::complete) {
            if (reader.head().status >= 200 || reader.head().status == 101) break;
            received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(reader.size()));
            reader.reset();
            continue;
        }
        auto more = co_await read_more(from);
        if (!more) co_return more.error();
    }
    if (auto why = refused(reader.head()); !why.empty()) co_return bad_response(std::move(why));
    body = reader.head().body;
    co_return reader.size();
}

net::task<result<void>> inquiry::read_more(net::stream& from) {
    std::array<std::uint8_t, 4096> piece;
    for (;;) {
        const auto got = from.read_some(piece);
        received_.insert(received_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got.bytes));
        if (got.bytes > 0) co_return result<void>();
        if (got.status != io_status::would_block && got.status != io_status::ok)
            co_return broken(got.status, from.error());
        const auto waited = co_await waiting_.readable(from, patience_);
        if (waited == net::wait_result::timeout) co_return broken(io_status::timeout, {});
        if (waited == net::wait_result::stopped) co_return broken(io_status::stopped, {});
    }
}

failure inquiry::broken(io_status how, const std::string& detail) const {
    failure f{party::upstream, phase::exchange, reason::upstream_error, detail};
    switch (how) {
        case io_status::end:
        case io_status::truncated: f.why = reason::upstream_closed; break;
        case io_status::reset: f.why = reason::upstream_reset; break;
        case io_status::timeout: f.why = reason::read_timeout; break;
        case io_status::stopped: f.why = ended_.value_or(reason::stopped); break;
        default: break;
    }
    return f;
}

void inquiry::expired() { end(connecting_ != nullptr ? reason::connect_timeout : reason::read_timeout); }

void inquiry::end(reason why) {
    if (!ended_) ended_ = why;
    if (connecting_ != nullptr) connecting_->stop(why);
    waiting_.stop();
}

}  // namespace postern::session
