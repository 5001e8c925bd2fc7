#include "proxy/wire/head_scan.hpp"

#include "proxy/wire/text.hpp"

#include <algorithm>
#include <cstring>

namespace postern::wire {
namespace {

// RFC 9112 section 2.2 is kind to clients that end a body with a CRLF too many; more than a few are something else.
constexpr std::uint8_t most_empty_lines = 4;
constexpr std::size_t longest_method = 32;
constexpr std::string_view version_prefix = "HTTP/1.";

// True when all eight bytes are of value_char and none is a tab, in a few instructions. (A byte is less than 0x20 when
// 0x20 less makes its top bit appear; a borrow can only come from one that is.)
bool eight_plain(const std::uint8_t* bytes) {
    constexpr std::uint64_t each = 0x0101010101010101;
    constexpr std::uint64_t top = each * 0x80;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    const std::uint64_t del = word ^ (each * 0x7f);
    return (((word - each * 0x20) & ~word & top) | ((del - each) & ~del & top)) == 0;
}

}  // namespace

head_scan::head_scan(kind k) {
    switch (k) {
        case kind::request: state_ = state::before; break;
        case kind::response: state_ = state::status; break;
        case kind::trailers: state_ = state::line; break;
    }
}

head_status head_scan::read(std::span<const std::uint8_t> received, const head_limits& limits) {
    while (at_ < received.size() && state_ < state::complete) {
        // Most bytes are of these three kinds of parts, each with its own alphabet.
        const unsigned run = state_ == state::value || state_ == state::reason ? value_char
                             : state_ == state::target                         ? target_char
                             : state_ == state::name                           ? token_char
                                                                               : 0;
        const std::size_t end = std::min({received.size(), line_ + limits.line, limits.total});
        // In a register: a store of at_ could be one to the bytes, for all the compiler knows.
        std::size_t next = at_;
        if (run == value_char)
            while (next + 8 <= end && eight_plain(&received[next])) next += 8;
        while (next < end && (char_classes[received[next]] & run) != 0) ++next;
        at_ = next;
        if (at_ == received.size()) break;
        // Nearly every line ends here, and is done with in one go.
        if (state_ == state::value && at_ + 1 < end && received[at_] == '\r' && received[at_ + 1] == '\n') {
            at_ += 2;
            line_ = at_;
            state_ = state::line;
            continue;
        }
        const char c = static_cast<char>(received[at_]);
        const bool ends_line = c == '\r' || c == '\n';
        if (at_ >= limits.total || (at_ >= line_ + limits.line && !ends_line)) {
            too_long();
            break;
        }
        if (!step(c)) break;
        ++at_;
    }
    if (state_ == state::refused) return head_status::refused;
    return state_ == state::complete ? head_status::complete : head_status::need_more;
}

bool head_scan::step(char c) {
    switch (state_) {
        case state::before: return step_before(c);
        case state::empty_line_cr: return step_line_feed(c, state::before);
        case state::method: return step_method(c);
        case state::target: return step_target(c);
        case state::version: return step_version(c);
        case state::status: return step_status(c);
        case state::reason: return c == '\r' ? go(state::start_line_cr) : refuse_byte(c, "bad reason");
        case state::start_line_cr: return step_line_feed(c, state::line);
        case state::line: return step_line(c);
        case state::name: return step_name(c);
        case state::value: return c == '\r' ? go(state::value_cr) : refuse_byte(c, "control character");
        case state::value_cr: return step_line_feed(c, state::line);
        case state::last_cr: return step_line_feed(c, state::complete);
        case state::complete:
        case state::refused: break;
    }
    return false;
}

bool head_scan::step_before(char c) {
    if (c == '\r') return go(state::empty_line_cr);
    begin_ = part_ = at_;
    state_ = state::method;
    return step_method(c);
}

bool head_scan::step_method(char c) {
    const std::size_t length = at_ - part_;
    if (c == ' ' && length > 0) return go(state::target);
    if (!is(token_char, c)) return refuse_byte(c, "bad method");
    if (length == longest_method) return refuse(501, "method too long");
    return true;
}

bool head_scan::step_target(char c) {
    if (c == ' ' && at_ > part_) return go(state::version);
    if (c == ' ') return refuse(400, "white space in the request line");
    if (c == '#') return refuse(400, "fragment in the target");
    if (c == '\r') return refuse(400, "no version");  // HTTP/0.9
    return refuse_byte(c, "bad character in the target");
}

// Exactly HTTP/1 and one digit: a later 1.x is read as 1.1 (RFC 9110 section 2.5). Another number is another version, and
// anything else is none.
bool head_scan::step_version(char c) {
    const std::size_t length = at_ - part_;
    if (length == version_prefix.size() + 1)
        return c == '\r' ? go(state::start_line_cr) : refuse_byte(c, "bytes behind the version");
    if (length == version_prefix.size() ? is(digit_char, c) : c == version_prefix[length]) return true;
    if (length >= version_prefix.find('1') && is(target_char, c)) return refuse(505, "unknown version");
    return refuse_byte(c, c == ' ' ? "white space in the request line" : "no version");
}

// "HTTP/1.1 200", and then a reason or none. A missing SP behind the code is often seen and means nothing else.
bool head_scan::step_status(char c) {
    const std::size_t length = at_ - part_;
    constexpr std::size_t code = version_prefix.size() + 2;
    if (length < version_prefix.size()) return c == version_prefix[length] || refuse_byte(c, "no status line");
    if (length == version_prefix.size()) return c == '0' || c == '1' || refuse_byte(c, "unknown version");
    if (length == code - 1) return c == ' ' || refuse_byte(c, "bad status line");
    if (length == code) return (c >= '1' && c <= '5') || refuse_byte(c, "bad status");
    if (length < code + 3) return is(digit_char, c) || refuse_byte(c, "bad status");
    if (c == ' ') return go(state::reason);
    return c == '\r' ? go(state::start_line_cr) : refuse_byte(c, "bad status");
}

bool head_scan::step_line(char c) {
    if (c == '\r') return go(state::last_cr);
    if (white(c)) return refuse(400, "folded line");  // RFC 9112 section 5.2
    if (c == ':') return refuse(400, "empty header name");
    state_ = state::name;
    return step_name(c);
}

bool head_scan::step_name(char c) {
    if (is(token_char, c)) return true;
    if (c == ':') return go(state::value);
    if (white(c)) return refuse(400, "white space before the colon");  // RFC 9112 section 5.1
    if (c == '\r') return refuse(400, "header line without a colon");
    return refuse_byte(c, "bad character in a header name");
}

bool head_scan::step_line_feed(char c, state then) {
    if (c != '\n') return refuse(400, "bare CR");
    if (then == state::before && ++empty_lines_ > most_empty_lines) return refuse(400, "too many empty lines");
    line_ = at_ + 1;
    if (state_ == state::start_line_cr) fields_ = line_;
    state_ = then;
    return true;
}

bool head_scan::go(state next) {
    state_ = next;
    part_ = at_ + 1;
    return true;
}

bool head_scan::refuse(unsigned status, std::string_view why) {
    state_ = state::refused;
    refusal_ = {status, why};
    return false;
}

bool head_scan::refuse_byte(char c, std::string_view why) {
    if (c == '\n') return refuse(400, "bare LF");
    if (c == '\0') return refuse(400, "NUL");
    if (is(control_char, c) && c != '\t' && c != '\r') return refuse(400, "control character");
    return refuse(400, why);
}

bool head_scan::too_long() {
    if (state_ >= state::line) return refuse(431, "header line or head too long");
    return refuse(414, "request line too long");
}

}  // namespace postern::wire
