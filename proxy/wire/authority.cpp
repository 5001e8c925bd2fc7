#include "proxy/wire/address.hpp"
#include "proxy/wire/target.hpp"
#include "proxy/wire/text.hpp"

#include <algorithm>

namespace postern::wire {
namespace {

constexpr std::size_t longest_name = 255;

// Narrower than RFC 3986: no `%`, no sub-delims. No host has them, and readers differ about them.
bool valid_name(std::string_view name) {
    constexpr std::string_view marks = "-._~";
    return !name.empty() && name.size() <= longest_name && name.front() != '.' &&
           name.find("..") == std::string_view::npos && std::all_of(name.begin(), name.end(), [&](char c) {
               return (is(token_char, c) && lower(c) >= 'a' && lower(c) <= 'z') || is(digit_char, c) ||
                      marks.find(c) != std::string_view::npos;
           });
}

bool valid_port(std::string_view port) {
    if (port.empty()) return true;
    unsigned value = 0;
    if (!only(digit_char, port) || port.size() > 5) return false;
    for (const char c : port) value = value * 10 + static_cast<unsigned>(c - '0');
    return value <= 65'535;
}

}  // namespace

std::optional<host_and_port> parse_authority(std::string_view text) {
    host_and_port parts;
    const bool literal = !text.empty() && text.front() == '[';
    const std::size_t end = literal ? text.find(']') + 1 : std::min(text.find(':'), text.size());
    parts.name = text.substr(0, end);
    std::string_view rest = text.substr(end);
    if (!rest.empty()) {
        if (rest.front() != ':') return std::nullopt;
        parts.port = rest.substr(1);
    }
    if (!valid_port(parts.port)) return std::nullopt;
    if (literal) {
        if (end == 0 || !ipv6_address(parts.name.substr(1, end - 2))) return std::nullopt;
        return parts;
    }
    if (!valid_name(parts.name)) return std::nullopt;
    if (parts.name.back() == '.') parts.name.remove_suffix(1);
    return parts;
}

}  // namespace postern::wire
