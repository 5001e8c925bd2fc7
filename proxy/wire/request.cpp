#include "proxy/wire/fields.hpp"
#include "proxy/wire/target.hpp"
#include "proxy/wire/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace postern::wire {
namespace {

constexpr refusal fine{0, {}};

// The scheme's length with "://"; 0: the target is not in absolute-form of a scheme that is served here.
std::size_t scheme_of(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
    return 0;
}

// Turns absolute-form into origin-form and an authority (RFC 9112 section 3.2).
refusal read_target(request_head& head, std::string& made_target) {
    if (head.method == "CONNECT" || head.method == "TRACE") return {405, "method not allowed"};
    if (head.target.front() == '/') return fine;
    if (head.target == "*") return head.method == "OPTIONS" ? fine : refusal{400, "bad target"};
    const std::size_t scheme = scheme_of(head.target);
    if (scheme == 0) return {400, "bad target"};
    const std::string_view rest = head.target.substr(scheme);
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    head.authority = rest.substr(0, end);
    if (head.authority.find('@') != std::string_view::npos) return {400, "user information in the target"};
    if (!parse_authority(head.authority)) return {400, "bad host in the target"};
    head.target = rest.substr(end);
    if (head.target.empty()) {
        head.target = "/";
    } else if (head.target.front() == '?') {
        head.target = made_target.assign(1, '/').append(head.target);
    }
    return fine;
}

// RFC 9112 section 3.2: one Host and a valid one, also beside an absolute-form target, which goes before it.
refusal read_host(request_head& head) {
    const header* host = nullptr;
    for (const auto& h : head.headers) {
        if (h.id != known::host) continue;
        if (host != nullptr) return {400, "two Host headers"};
        host = &h;
    }
    if (host == nullptr) return head.version == http_version::http_1_0 ? fine : refusal{400, "no Host header"};
    if (!parse_authority(host->value)) return {400, "bad Host header"};
    if (head.authority.empty()) head.authority = host->value;
    return fine;
}

// RFC 9110 section 10.1.1: an HTTP/1.0 client cannot mean it. An empty field expects nothing.
refusal read_expect(request_head& head) {
    for (const auto& h : head.headers) {
        if (h.id != known::expect || h.value.empty()) continue;
        if (!equal_ignoring_case(h.value, "100-continue")) return {417, "unknown expectation"};
        head.expect_continue = head.version == http_version::http_1_1;
    }
    return fine;
}

refusal read_body(request_head& head) {
    const framing read = read_framing(head.headers, head.version);
    head.body = read.body;
    return read.refused;
}

refusal read_connection(request_head& head) {
    const connection_options options = read_connection(head.headers);
    if (options.too_many()) return {400, "too many Connection options"};
    const bool latest = head.version == http_version::http_1_1;
    head.keep_alive = !options.close && (latest || options.keep_alive);
    // A body would have to be read in the old protocol before the new one begins; and h2c is a way past every rule.
    const bool body = head.body.type == body_length::kind::chunked || head.body.bytes > 0;
    if (options.upgrade && latest && !body) head.upgrade = read_upgrade(head.headers);
    if (equal_ignoring_case(head.upgrade.substr(0, head.upgrade.find('/')), "h2c")) head.upgrade = {};
    return fine;
}

}  // namespace

head_status request_reader::read(std::span<const std::uint8_t> received, const head_limits& limits) {
    if (status_ != head_status::need_more) return status_;
    status_ = scan_.read(received, limits);
    if (status_ == head_status::refused) refusal_ = scan_.refused();
    if (status_ == head_status::complete)
        status_ = judge(received.subspan(scan_.begin(), scan_.size() - scan_.begin()));
    return status_;
}

head_status request_reader::judge(std::span<const std::uint8_t> head) {
    start_line line;
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (const auto why = parse_request(text, line, head_.headers); !why.empty()) {
        refusal_ = {400, why};
        return head_status::refused;
    }
    head_.method = line.text;
    head_.target = line.target;
    head_.version = line.version;
    refusal_ = read_target(head_, made_target_);
    for (const auto step : {read_host, read_body, read_connection, read_expect})
        if (refusal_.status == 0) refusal_ = step(head_);
    return refusal_.status == 0 ? head_status::complete : head_status::refused;
}

void request_reader::reset() {
    scan_ = head_scan(head_scan::kind::request);
    status_ = head_status::need_more;
    auto headers = std::move(head_.headers);
    empty(headers);
    head_ = {};
    head_.headers = std::move(headers);
    refusal_ = {};
    made_target_.clear();
}

}  // namespace postern::wire
