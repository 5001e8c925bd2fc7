// Scanned heads and trailers, parsed by Beast into views, and what their fields say together.
#pragma once

#include "proxy/wire/head.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace postern::wire {

// What a start line says. `text` is a request's method or a response's reason.
struct start_line {
    std::string_view text;
    std::string_view target;
    unsigned status = 0;
    http_version version = http_version::http_1_1;
};

// The bytes are what head_scan let pass, without empty lines before them. Why not, when Beast refuses; empty when it does
// not.
[[nodiscard]] std::string_view parse_request(std::string_view head, start_line& line, std::vector<header>& headers);
[[nodiscard]] std::string_view parse_response(std::string_view head, start_line& line, std::vector<header>& headers);
[[nodiscard]] std::string_view parse_trailers(std::string_view lines, std::vector<header>& headers);

// Empties a vector and keeps a moderate amount of its memory: an idle connection pays for it.
void empty(std::vector<header>& headers);

// What Transfer-Encoding and Content-Length say together (RFC 9112 section 6.3), where anything but one plain answer is
// refused. The length is `none` when neither is there.
struct framing {
    body_length body;
    refusal refused;  // status 0: none
};
[[nodiscard]] framing read_framing(const std::vector<header>& headers, http_version version);

// The options of all Connection headers (RFC 9110 section 7.6.1).
class connection_options {
public:
    bool close = false;
    bool keep_alive = false;
    bool upgrade = false;

    // More other options than there is room for are refused: each is compared with the names of all headers.
    [[nodiscard]] bool too_many() const { return count_ > others_.size(); }
    // They may be names of fields.
    [[nodiscard]] std::span<const std::string_view> others() const {
        return std::span(others_).first(std::min(count_, others_.size()));
    }
    void add_other(std::string_view option) {
        if (count_ < others_.size()) others_[count_] = option;
        ++count_;
    }

private:
    std::array<std::string_view, 32> others_;
    std::size_t count_ = 0;
};
[[nodiscard]] connection_options read_connection(const std::vector<header>& headers);

// The protocol of the one Upgrade header; empty when there is another number of them, or a list in it.
[[nodiscard]] std::string_view read_upgrade(const std::vector<header>& headers);

}  // namespace postern::wire
