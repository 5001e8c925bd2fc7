#include "proxy/wire/address.hpp"

#include "proxy/wire/text.hpp"

#include <cstddef>

namespace postern::wire {

bool ipv4_address(std::string_view text) {
    for (int numbers = 1;; ++numbers) {
        const auto dot = text.find('.');
        const std::string_view number = text.substr(0, dot);
        if (!only(digit_char, number) || number.size() > 3 || (number.size() > 1 && number.front() == '0'))
            return false;
        int value = 0;
        for (const char c : number) value = value * 10 + (c - '0');
        if (value > 255) return false;
        if (dot == std::string_view::npos) return numbers == 4;
        text.remove_prefix(dot + 1);
    }
}

namespace {

// How many 16-bit groups; -1 when it is something else. No text has none.
int groups_of(std::string_view text, bool may_end_in_ipv4) {
    if (text.empty()) return 0;
    for (int groups = 1;; ++groups) {
        const auto colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        if (colon == std::string_view::npos && may_end_in_ipv4 && ipv4_address(group)) return groups + 1;
        if (!only(hex_char, group) || group.size() > 4) return -1;
        if (colon == std::string_view::npos) return groups;
        text.remove_prefix(colon + 1);
    }
}

}  // namespace

bool ipv6_address(std::string_view text) {
    const auto gap = text.find("::");
    if (gap == std::string_view::npos) return groups_of(text, true) == 8;
    const int before = groups_of(text.substr(0, gap), false);
    const int after = groups_of(text.substr(gap + 2), true);
    return before >= 0 && after >= 0 && before + after < 8;
}

}  // namespace postern::wire
