#include "proxy/wire/fields.hpp"
#include "proxy/wire/text.hpp"

namespace postern::wire {
namespace {

// RFC 9112 section 6.3, rules 1 and 2 first.
bool never_has_body(const response_head& head) {
    return head.answers_head || head.status < 200 || head.status == 204 || head.status == 304;
}

// Whoever says that there is a body where none may be is likely to send one.
bool announces_body(const response_head& head, body_length framed) {
    return (head.status < 200 || head.status == 204) && (framed.type == body_length::kind::chunked || framed.bytes > 0);
}

// Why not; empty when it is fine.
std::string_view read_meaning(response_head& head) {
    const framing read = read_framing(head.headers, head.version);
    if (read.refused.status != 0) return read.refused.why;
    const connection_options options = read_connection(head.headers);
    if (options.too_many()) return "too many Connection options";
    head.keep_alive = !options.close && (head.version == http_version::http_1_1 || options.keep_alive);
    if (never_has_body(head)) {
        if (announces_body(head, read.body)) head.keep_alive = false;
    } else if (read.body.type == body_length::kind::none) {
        head.body.type = body_length::kind::until_close;
        head.keep_alive = false;
    } else {
        head.body = read.body;
    }
    if (head.status == 101) {
        head.upgrade = read_upgrade(head.headers);
        head.keep_alive = false;
        if (head.upgrade.empty()) return "101 without a protocol";
    }
    return {};
}

}  // namespace

head_status response_reader::read(std::span<const std::uint8_t> received, std::string_view method,
                                  const head_limits& limits) {
    if (status_ != head_status::need_more) return status_;
    status_ = scan_.read(received, limits);
    head_.answers_head = method == "HEAD";
    if (status_ == head_status::refused) refusal_ = {502, scan_.refused().why};
    if (status_ == head_status::complete) status_ = judge(received.first(scan_.size()));
    return status_;
}

head_status response_reader::judge(std::span<const std::uint8_t> head) {
    start_line line;
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    auto why = parse_response(text, line, head_.headers);
    head_.status = line.status;
    head_.reason = line.text;
    head_.version = line.version;
    if (why.empty()) why = read_meaning(head_);
    if (why.empty()) return head_status::complete;
    refusal_ = {502, why};
    return head_status::refused;
}

void response_reader::reset() {
    scan_ = head_scan(head_scan::kind::response);
    status_ = head_status::need_more;
    auto headers = std::move(head_.headers);
    empty(headers);
    head_ = {};
    head_.headers = std::move(headers);
    refusal_ = {};
}

}  // namespace postern::wire
