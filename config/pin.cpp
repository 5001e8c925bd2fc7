#include "config/pin.hpp"

#include <algorithm>
#include <cstdint>

namespace postern::config {
namespace {

constexpr std::size_t digits_of_a_pin = 64;
constexpr std::size_t base64_of_a_pin = 44;
constexpr std::string_view small_digits = "0123456789abcdef";

// With `:` between the bytes, or nowhere.
std::optional<std::string> from_hexadecimal(std::string_view text) {
    std::string digits;
    const bool spaced = text.size() > 2 && text[2] == ':';
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (spaced && i % 3 == 2) {
            if (text[i] != ':') return std::nullopt;
            continue;
        }
        const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (small_digits.find(c) == std::string_view::npos) return std::nullopt;
        digits += c;
    }
    const std::size_t whole = spaced ? digits_of_a_pin / 2 * 3 - 1 : digits_of_a_pin;
    if (digits.size() != digits_of_a_pin || text.size() != whole) return std::nullopt;
    return digits;
}

// RFC 4648 section 4. 32 bytes are 43 characters, of which the last has two bits too many, and a `=`.
std::optional<std::string> from_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() != base64_of_a_pin || text.back() != '=') return std::nullopt;
    std::string digits;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text.substr(0, text.size() - 1)) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        for (count += 6; count >= 4; count -= 4) digits += small_digits[(bits >> (count - 4)) & 15];
        bits &= (1U << count) - 1;
    }
    return bits == 0 ? std::optional(digits) : std::nullopt;
}

}  // namespace

std::optional<std::string> parse_pin(std::string_view text) {
    return text.ends_with('=') ? from_base64(text) : from_hexadecimal(text);
}

}  // namespace postern::config
