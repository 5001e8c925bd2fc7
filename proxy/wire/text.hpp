// The alphabet of HTTP's fields (RFC 9110 section 5.6).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace postern::wire {

enum char_class : std::uint8_t {
    token_char = 1,   // of methods and field names
    target_char = 2,  // visible ASCII without `#`: a fragment is never sent
    value_char = 4,   // of field values: HTAB, SP, visible ASCII, and bytes from 0x80 on, which mean nothing here
    digit_char = 8,
    hex_char = 16,
    control_char = 32,
};

// One byte of classes for each byte.
inline constexpr std::array<std::uint8_t, 256> char_classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        const bool visible = c > 0x20 && c < 0x7f;
        const bool mark = std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
        unsigned classes = 0;
        if (digit || letter || mark) classes |= token_char;
        if (visible && c != '#') classes |= target_char;
        if (visible || c == ' ' || c == '\t' || c >= 0x80) classes |= value_char;
        if (digit) classes |= digit_char;
        if (hex) classes |= hex_char;
        if (c < 0x20 || c == 0x7f) classes |= control_char;
        table[c] = static_cast<std::uint8_t>(classes);
    }
    return table;
}();

[[nodiscard]] constexpr bool is(char_class wanted, char c) {
    return (char_classes[static_cast<unsigned char>(c)] & wanted) != 0;
}
[[nodiscard]] constexpr bool white(char c) { return c == ' ' || c == '\t'; }
[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Made of nothing else, and not empty.
[[nodiscard]] bool only(char_class wanted, std::string_view text);

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
// ... and with `_` read as `-`: CGI makes one variable of both.
[[nodiscard]] bool same_field(std::string_view a, std::string_view b);

// Without the white space around it.
[[nodiscard]] std::string_view trim(std::string_view text);

// Takes the next element off a comma-separated list of tokens, trimmed; empty ones are passed over (RFC 9110 section
// 5.6.1.2). False: there is none.
[[nodiscard]] bool take_element(std::string_view& list, std::string_view& element);

}  // namespace postern::wire
