#include "proxy/ops/text.hpp"

#include <fmt/format.h>

#include <ctime>

namespace postern::ops {
namespace {

constexpr char hex[] = "0123456789abcdef";

unsigned char byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

void append_hex(std::string& to, unsigned char c) { to += {'\\', 'x', hex[c >> 4], hex[c & 15]}; }

// How many bytes the first one announces, 0 when no character begins with it.
std::size_t announced(unsigned char first) {
    if (first < 0x80) return 1;
    if (first < 0xc2) return 0;  // a continuation, or an overlong form
    if (first < 0xe0) return 2;
    if (first < 0xf0) return 3;
    return first < 0xf5 ? 4 : 0;
}

// The length of the UTF-8 sequence at the front, 0 when it is none.
std::size_t utf8_length(std::string_view text) {
    const auto length = announced(byte(text, 0));
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(text, i) & 0xc0) != 0x80) return 0;
    if (length < 3) return length;
    const auto first = byte(text, 0);
    const auto second = byte(text, 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second >= 0xa0;
    const bool too_high = first == 0xf4 && second >= 0x90;
    return overlong || surrogate || too_high ? 0 : length;
}

bool is_control(std::string_view text, std::size_t length) {
    const auto first = byte(text, 0);
    return first < ' ' || first == 127 || (length == 2 && first == 0xc2 && byte(text, 1) < 0xa0);
}

}  // namespace

void append_json_text(std::string& to, std::string_view text) {
    while (!text.empty()) {
        const auto c = byte(text, 0);
        const auto length = utf8_length(text);
        if (c == '"' || c == '\\') {
            to += {'\\', text[0]};
        } else if (c < ' ' || c == 127) {
            to += {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        } else if (length == 0) {
            to += "\\ufffd";
        } else {
            to += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

void append_plain_text(std::string& to, std::string_view text) {
    for (const char ch : text) {
        const auto c = static_cast<unsigned char>(ch);
        if (c >= ' ' && c < 127 && c != '"' && c != '\\')
            to += ch;
        else
            append_hex(to, c);
    }
}

void append_readable_text(std::string& to, std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto taken = length == 0 ? 1 : length;
        if (length == 0 || is_control(text, length))
            for (std::size_t i = 0; i < taken; ++i) append_hex(to, byte(text, i));
        else
            to += text.substr(0, length);
        text.remove_prefix(taken);
    }
}

std::string timestamp(std::chrono::system_clock::time_point when) {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(when).time_since_epoch();
    const std::time_t whole = std::chrono::floor<std::chrono::seconds>(since).count();
    const auto rest = (since - std::chrono::seconds(whole)).count();
    std::tm parts{};
    ::gmtime_r(&whole, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
}

}  // namespace postern::ops
