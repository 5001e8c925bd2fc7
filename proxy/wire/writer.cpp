#include "proxy/wire/writer.hpp"

#include "proxy/wire/names.hpp"
#include "proxy/wire/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace postern::wire {

void append_line(std::string& to, std::string_view name, std::string_view value) {
    to.append(name).append(": ").append(value).append("\r\n");
}

void append_number(std::string& to, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    to.append(digits.data(), end);
}

void append_body_length(std::string& to, const body_length& body) {
    if (body.type == body_length::kind::length) {
        to.append("Content-Length: ");
        append_number(to, body.bytes);
        to.append("\r\n");
    } else if (body.type == body_length::kind::chunked) {
        append_line(to, "Transfer-Encoding", "chunked");
    }
}

void append_set(std::string& to, std::span<const set_header> set) {
    for (const auto& [name, value] : set)
        if (only(token_char, name) && only(value_char, value) && !concerns_connection(name))
            append_line(to, name, value);
}

bool sets(std::span<const set_header> set, std::string_view name) {
    return std::any_of(set.begin(), set.end(), [name](const set_header& each) { return same_field(each.name, name); });
}

std::string_view chunk_line(std::size_t size, chunk_line_room& room) {
    char* end = std::to_chars(room.data(), room.data() + room.size() - 2, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    return {room.data(), static_cast<std::size_t>(end - room.data())};
}

void append_last_chunk(std::string& to, const std::vector<header>& trailers) { append_last_chunk(to, trailers, {}); }

void append_last_chunk(std::string& to, const std::vector<header>& trailers, std::span<const set_header> set) {
    to.append("0\r\n");
    for (const auto& h : trailers)
        if (may_be_trailer(h.name) && !sets(set, h.name)) append_line(to, h.name, h.value);
    to.append("\r\n");
}

}  // namespace postern::wire
