// Bodies of HTTP/1 messages, from the bytes of a connection to payload (RFC 9112 sections 6 and 7). Pure.
#pragma once

#include "proxy/wire/head.hpp"

#include <array>
#include <string>
#include <utility>

namespace postern::wire {

// The chunks' reader is ours: Beast's takes LF inside the quotes of a chunk extension, and holds back what it has read
// until a line is whole, so that its caller cannot tell which bytes are done with.
class body_reader {
public:
    explicit body_reader(body_length l = {});
    // Can be moved, not copied: trailers() points into this object's memory.
    body_reader(body_reader&&) = default;
    body_reader& operator=(body_reader&&) = default;
    body_reader(const body_reader&) = delete;
    body_reader& operator=(const body_reader&) = delete;
    ~body_reader() = default;

    struct part {
        std::size_t consumed = 0;               // bytes of the input that are done with, framing and payload
        std::span<const std::uint8_t> payload;  // inside the input, and within the consumed bytes
    };
    // The next piece of payload at the front of `bytes`. Consumes as much framing as it can. Nothing consumed: more bytes
    // are needed, or the body is complete or refused. Bytes behind the body are never consumed.
    [[nodiscard]] part next(std::span<const std::uint8_t> bytes);

    [[nodiscard]] bool complete() const { return state_ == state::complete; }
    [[nodiscard]] bool refused() const { return state_ == state::refused; }
    [[nodiscard]] std::string_view why() const { return why_; }  // "bad chunk size", ...
    // The connection ended here. True: the body ended with it, or had ended; false: it was cut off.
    [[nodiscard]] bool end_of_input();

    // Trailer fields of a chunked body, once complete; views into memory of this object.
    [[nodiscard]] const std::vector<header>& trailers() const { return trailers_; }

private:
    enum class state : std::uint8_t {
        until_close,
        length,            // `left_` bytes of payload, and then the end
        size,              // the digits of a chunk's size
        before_extension,  // white space behind them; only `;` may follow
        extension,
        quoted,       // inside the quotes of an extension
        escaped,      // ... behind a backslash
        size_cr,      // its LF must follow
        payload,      // `left_` bytes of a chunk
        payload_end,  // the CR behind them
        payload_cr,   // its LF must follow
        trailers,     // where the trailer section begins
        last_cr,      // of the empty line that ends a body without trailers
        trailer_lines,
        complete,
        refused,
    };

    void step(char c);
    void step_size(char c);
    void step_extension(char c);
    void begin_chunk();
    std::size_t read_trailers(std::span<const std::uint8_t> bytes);
    void expect(char c, char wanted, state next, std::string_view otherwise);
    void refuse(std::string_view why);

    state state_;
    std::uint64_t left_ = 0;
    std::size_t digits_ = 0;  // of this chunk's size
    std::size_t line_ = 0;    // bytes of its line
    std::string_view why_;
    head_scan scan_{head_scan::kind::trailers};
    std::vector<std::uint8_t> lines_;  // the trailer section
    std::vector<header> trailers_;
};

// The line that begins a chunk of `size` > 0 bytes, CRLF included; written into `room`. After the payload comes CRLF.
using chunk_line_room = std::array<char, 20>;
[[nodiscard]] std::string_view chunk_line(std::size_t size, chunk_line_room& room);
// The end of a chunked body, with those of the trailers that may be passed on: not framing, routing, connection or
// authentication fields, nor the fields that a proxy sets (RFC 9110 section 6.5.1).
void append_last_chunk(std::string& to, const std::vector<header>& trailers);

}  // namespace postern::wire
