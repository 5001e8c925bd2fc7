#include "config/text.hpp"

#include <algorithm>
#include <cstdint>

namespace postern::config {
namespace {

// The length of the UTF-8 sequence that `text` begins with, 0 when it begins with none (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto follows = [&](std::size_t i, unsigned least, unsigned most) {
        return i < text.size() && byte(i) >= least && byte(i) <= most;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned most = first == 0xED ? 0x9F : 0xBF;
        return follows(1, least, most) && follows(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned least = first == 0xF0 ? 0x90 : 0x80;
        const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, least, most) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

std::string hex(std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'0', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

place place_at(std::string_view text, std::size_t offset, const std::string& file) {
    const auto before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto begin = before.rfind('\n') + 1;  // npos + 1 is 0
    return {file, static_cast<int>(line), static_cast<int>(offset - begin) + 1};
}

std::string_view line_of(std::string_view text, int line) {
    for (int i = 1; i < line; ++i) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

}  // namespace

std::optional<problem> unreadable_byte(std::string_view text, const std::string& file) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const bool control = (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') || byte == 127;
        const std::size_t length = utf8_length(text.substr(i));
        if (control || length == 0) {
            problem p;
            p.where = place_at(text, i, file);
            p.what = control ? "a control character" : "not UTF-8";
            p.found = hex(byte);
            p.allowed = "text in UTF-8";
            return p;
        }
        i += length;
    }
    return std::nullopt;
}

std::string_view bracketed_ipv6(std::string_view text) {
    if (!text.starts_with('[')) return {};
    const auto close = text.find_first_not_of("0123456789abcdefABCDEF:.", 1);
    if (close == std::string_view::npos || text[close] != ']') return {};
    const auto inside = text.substr(1, close - 1);
    if (std::count(inside.begin(), inside.end(), ':') < 2) return {};
    const auto rest = text.substr(close + 1);
    const auto port = rest.starts_with(':') ? std::min(rest.find_first_not_of("0123456789", 1), rest.size()) : 0;
    return text.substr(0, close + 1 + port);
}

std::string word_without_quotes(std::string_view text, int line) {
    const auto words = line_of(text, line);
    bool begins = true;  // a value may begin here
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == '#' && begins) break;
        const auto rest = words.substr(i);
        if (begins && rest.starts_with('*')) return std::string(rest.substr(0, rest.find_first_of(" \t\r,]}#")));
        if (begins)
            if (const auto address = bracketed_ipv6(rest); !address.empty()) return std::string(address);
        begins = std::string_view(" \t[{,").find(words[i]) != std::string_view::npos;
    }
    return {};
}

}  // namespace postern::config
