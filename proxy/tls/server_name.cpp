#include "proxy/tls/server_name.hpp"

#include "proxy/tls/reader.hpp"

#include <algorithm>
#include <string_view>

namespace postern::tls {
namespace {

constexpr std::uint32_t type_host_name = 0;
constexpr std::size_t longest_name = 255;
constexpr std::string_view digits = "0123456789";
constexpr std::string_view hex_digits = "0123456789abcdef";
// The underscore is in no standard for host names and in many names that work.
constexpr std::string_view letters_and_marks = "abcdefghijklmnopqrstuvwxyz-_";

bool only(std::string_view text, std::string_view allowed, std::string_view also) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return allowed.find(c) != std::string_view::npos || also.find(c) != std::string_view::npos;
    });
}

bool host_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.back() != '.' && name.find("..") == std::string_view::npos &&
           only(name, letters_and_marks, "0123456789.");
}

bool ipv4_literal(std::string_view name) {
    return std::count(name.begin(), name.end(), '.') == 3 && only(name, digits, ".");
}

// As in a URL, or bare; a zone may follow the address.
bool ipv6_literal(std::string_view name) {
    if (name.size() > 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
    name = name.substr(0, name.find('%'));
    return std::count(name.begin(), name.end(), ':') >= 2 && only(name, hex_digits, ":.");
}

}  // namespace

std::optional<std::string> read_server_name(std::span<const std::uint8_t> extension) {
    reader body(extension);
    reader list(body.vector(2));
    const auto type = list.number(1);
    const auto raw = list.vector(2);
    // RFC 6066 allows one name of a type, and no other type has come into being.
    if (!body.done() || !list.done() || type != type_host_name || raw.empty() || raw.size() > longest_name)
        return std::nullopt;
    std::string name(raw.begin(), raw.end());
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (name.back() == '.') name.pop_back();
    if (ipv4_literal(name) || ipv6_literal(name)) return std::string();
    if (!host_name(name)) return std::nullopt;
    return name;
}

}  // namespace postern::tls
