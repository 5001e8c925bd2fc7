// The raw bytes of a head, looked at one by one before any parser sees them (RFC 9112 sections 2 to 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace postern::wire {

enum class head_status : std::uint8_t {
    need_more,  // a proper prefix of something that may become a head
    complete,
    refused,
};

struct head_limits {
    std::size_t line = 8 * 1024;    // request line, or one header line, without its CRLF
    std::size_t total = 32 * 1024;  // the whole head
};

// What a refused request is answered with: 400, 405, 414, 417, 431, 501 or 505. A refused response is always a 502.
struct refusal {
    unsigned status = 400;
    std::string_view why;  // a few words for the log, from a fixed list: "bare LF", "two Host headers", ...
};

// Finds the end of a head, and refuses what two readers may take for two things: lines that end in anything but CRLF,
// lines that go on in the next one, names that are not quite names. What it lets pass has one start line of the exact
// form, and lines of `token ":" value`.
class head_scan {
public:
    enum class kind : std::uint8_t {
        request,
        response,
        trailers,  // header lines without a start line
    };
    explicit head_scan(kind k);

    // `received`: all bytes from the first one on; a later call has the same and more. Looks at each byte once.
    [[nodiscard]] head_status read(std::span<const std::uint8_t> received, const head_limits& limits);

    [[nodiscard]] std::size_t size() const { return at_; }        // when complete
    [[nodiscard]] std::size_t begin() const { return begin_; }    // where the start line does
    [[nodiscard]] std::size_t fields() const { return fields_; }  // where the first header line does
    [[nodiscard]] const refusal& refused() const { return refusal_; }
    [[nodiscard]] bool begun() const { return state_ > state::empty_line_cr; }

private:
    enum class state : std::uint8_t {
        before,         // nothing but empty lines so far
        empty_line_cr,  // ... and a CR
        method,
        target,
        version,  // of a request
        status,   // version and code of a response
        reason,
        start_line_cr,  // its LF must follow
        line,           // where a header line may begin
        name,
        value,
        value_cr,  // its LF must follow
        last_cr,   // of the empty line that ends the head
        complete,
        refused,
    };

    bool step(char c);
    bool step_before(char c);
    bool step_method(char c);
    bool step_target(char c);
    bool step_version(char c);
    bool step_status(char c);
    bool step_line(char c);
    bool step_name(char c);
    bool step_line_feed(char c, state then);
    bool go(state next);
    bool refuse(unsigned status, std::string_view why);
    bool refuse_byte(char c, std::string_view why);
    bool too_long();

    state state_ = state::before;
    std::uint8_t empty_lines_ = 0;
    std::size_t at_ = 0;    // all bytes before it have been looked at
    std::size_t line_ = 0;  // where this line begins
    std::size_t part_ = 0;  // where this part of the start line begins
    std::size_t begin_ = 0;
    std::size_t fields_ = 0;
    refusal refusal_;
};

}  // namespace postern::wire
