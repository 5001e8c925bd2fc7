#include "proxy/wire/body.hpp"

#include "proxy/wire/fields.hpp"
#include "proxy/wire/text.hpp"

#include <algorithm>
#include <limits>

namespace postern::wire {
namespace {

constexpr std::size_t longest_size_line = 1024;
constexpr head_limits trailer_limits{.line = 8 * 1024, .total = 8 * 1024};
// As in Content-Length: some readers count in signed numbers.
constexpr std::uint64_t largest_chunk = std::numeric_limits<std::int64_t>::max();

}  // namespace

body_reader::body_reader(body_length l) : state_(state::complete) {
    switch (l.type) {
        case body_length::kind::none: break;
        case body_length::kind::length:
            left_ = l.bytes;
            if (left_ > 0) state_ = state::length;
            break;
        case body_length::kind::chunked: state_ = state::size; break;
        case body_length::kind::until_close: state_ = state::until_close; break;
    }
}

body_reader::part body_reader::next(std::span<const std::uint8_t> bytes) {
    part done;
    while (done.consumed < bytes.size() && state_ < state::complete) {
        const auto rest = bytes.subspan(done.consumed);
        if (state_ == state::until_close) return {bytes.size(), rest};
        if (state_ == state::length || state_ == state::payload) {
            done.payload = rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size())));
            done.consumed += done.payload.size();
            left_ -= done.payload.size();
            if (left_ == 0) state_ = state_ == state::length ? state::complete : state::payload_end;
            return done;
        }
        if (state_ == state::trailer_lines) {
            done.consumed += read_trailers(rest);
        } else {
            step(static_cast<char>(rest.front()));
            // The first byte of a trailer stays for the scan of its line.
            if (state_ != state::trailer_lines) ++done.consumed;
        }
    }
    return done;
}

// One byte of framing.
void body_reader::step(char c) {
    switch (state_) {
        case state::size: return step_size(c);
        case state::before_extension:
        case state::extension:
        case state::quoted:
        case state::escaped: return step_extension(c);
        case state::size_cr:
            if (c == '\n') return begin_chunk();
            return refuse("bare CR");
        case state::payload_end: return expect(c, '\r', state::payload_cr, "no CRLF behind a chunk");
        case state::payload_cr: digits_ = line_ = 0; return expect(c, '\n', state::size, "bare CR");
        case state::trailers: state_ = c == '\r' ? state::last_cr : state::trailer_lines; return;
        case state::last_cr: return expect(c, '\n', state::complete, "bare CR");
        case state::until_close:
        case state::length:
        case state::payload:
        case state::trailer_lines:
        case state::complete:
        case state::refused: break;
    }
}

void body_reader::step_size(char c) {
    if (is(hex_char, c)) {
        // RFC 9112 section 7.1 sets no number of digits: zeros before a size mean nothing, and fill its line all the same.
        if (left_ > largest_chunk >> 4) return refuse("chunk size too large");
        if (line_ + 1 == longest_size_line) return refuse("chunk size too long");
        const int value = is(digit_char, c) ? c - '0' : lower(c) - 'a' + 10;
        left_ = left_ << 4 | static_cast<unsigned>(value);
        ++digits_;
        ++line_;
        return;
    }
    if (digits_ == 0) return refuse("bad chunk size");
    state_ = state::before_extension;
    step_extension(c);
}

// chunk-ext (RFC 9112 section 7.1.1). Nobody needs one; it is passed over, but not blindly.
void body_reader::step_extension(char c) {
    if (++line_ > longest_size_line) return refuse("chunk extension too long");
    if (c == '\n') return refuse("bare LF");
    if (!is(value_char, c) && c != '\r') return refuse("control character in a chunk extension");
    if (state_ == state::escaped || state_ == state::quoted) {
        if (c == '\r') return refuse("line end in a chunk extension's quotes");
        if (state_ == state::quoted && c == '"') {
            state_ = state::extension;
        } else {
            state_ = state_ == state::quoted && c == '\\' ? state::escaped : state::quoted;
        }
        return;
    }
    if (state_ == state::before_extension) {
        // White space that nothing follows is no grammar's.
        if (c == ';')
            state_ = state::extension;
        else if (c == '\r' && line_ == digits_ + 1)
            state_ = state::size_cr;
        else if (!white(c))
            refuse("bad chunk size");
        return;
    }
    if (c == '"') state_ = state::quoted;
    if (c == '\r') state_ = state::size_cr;
    if (static_cast<unsigned char>(c) >= 0x80) refuse("bad chunk extension");
}

void body_reader::begin_chunk() { state_ = left_ == 0 ? state::trailers : state::payload; }

// How many of the bytes belong to the trailer section.
std::size_t body_reader::read_trailers(std::span<const std::uint8_t> bytes) {
    const std::size_t before = lines_.size();
    const std::size_t more = std::min(bytes.size(), trailer_limits.total + 1 - before);
    lines_.insert(lines_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(more));
    switch (scan_.read(lines_, trailer_limits)) {
        case head_status::need_more: return more;
        case head_status::refused: refuse(scan_.refused().why); return 0;
        case head_status::complete: break;
    }
    lines_.resize(scan_.size());
    const std::string_view text(reinterpret_cast<const char*>(lines_.data()), lines_.size());
    const auto why = parse_trailers(text, trailers_);
    if (why.empty()) {
        state_ = state::complete;
    } else {
        refuse(why);
    }
    return scan_.size() - before;
}

bool body_reader::end_of_input() {
    if (state_ == state::until_close) state_ = state::complete;
    return complete();
}

void body_reader::expect(char c, char wanted, state next, std::string_view otherwise) {
    if (c == wanted) {
        state_ = next;
    } else {
        refuse(c == '\n' ? "bare LF" : otherwise);
    }
}

void body_reader::refuse(std::string_view why) {
    state_ = state::refused;
    why_ = why;
}

}  // namespace postern::wire
