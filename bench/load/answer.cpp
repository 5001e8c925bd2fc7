#include "bench/load/answer.hpp"

#include <algorithm>
#include <charconv>

namespace postern::load {

namespace {

// The promised length; 0 when none is named.
std::size_t content_length(std::string_view head) {
    static constexpr std::string_view name = "\ncontent-length:";
    const auto equal = [](char left, char right) { return (left >= 'A' && left <= 'Z' ? left + 32 : left) == right; };
    const auto* found = std::search(head.begin(), head.end(), name.begin(), name.end(), equal);
    if (found == head.end()) return 0;
    const auto* digits = found + name.size();
    while (digits != head.end() && *digits == ' ') ++digits;
    std::size_t length = 0;
    std::from_chars(digits, head.end(), length);
    return length;
}

}  // namespace

bool whole_answer(std::string_view bytes) {
    const auto end = bytes.find("\r\n\r\n");
    return end != std::string_view::npos && bytes.size() - end - 4 >= content_length(bytes.substr(0, end + 2));
}

bool is_success(std::string_view answer) { return answer.starts_with("HTTP/1.1 200"); }

std::string first_line(std::string_view answer) { return std::string(answer.substr(0, answer.find('\r'))); }

}  // namespace postern::load
