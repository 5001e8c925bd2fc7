#include "proxy/ops/text.hpp"

#include <algorithm>
#include <concepts>

namespace postern::ops {
namespace {

constexpr char hex[] = "0123456789abcdef";
constexpr char nginx_hex[] = "0123456789ABCDEF";

unsigned char byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

void append_hex(std::string& to, unsigned char c, const char* digits) {
    to += {'\\', 'x', digits[c >> 4], digits[c & 15]};
}

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

// Takes from the front what needs no escape anywhere: printable ASCII but quotes and backslashes.
std::string_view take_plain(std::string_view& text) {
    const auto is_plain = [](char c) { return c >= ' ' && c < 127 && c != '"' && c != '\\'; };
    const auto end = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto plain = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(plain.size());
    return plain;
}

void write_number(char* at, std::size_t digits, std::integral auto number) {
    for (auto i = digits; i > 0; number /= 10) at[--i] = static_cast<char>('0' + number % 10);
}

}  // namespace

void append_json_text(std::string& to, std::string_view text) {
    for (to += take_plain(text); !text.empty(); to += take_plain(text)) {
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
    for (to += take_plain(text); !text.empty(); to += take_plain(text)) {
        append_hex(to, byte(text, 0), nginx_hex);
        text.remove_prefix(1);
    }
}

void append_readable_text(std::string& to, std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto taken = length == 0 ? 1 : length;
        if (length == 0 || is_control(text, length))
            for (std::size_t i = 0; i < taken; ++i) append_hex(to, byte(text, i), hex);
        else
            to += text.substr(0, length);
        text.remove_prefix(taken);
    }
}

void append_timestamp(std::string& to, std::chrono::system_clock::time_point when) {
    using namespace std::chrono;
    const auto day = floor<days>(when);
    const year_month_day date(day);
    const hh_mm_ss time(floor<milliseconds>(when - day));
    char digits[] = "0000-00-00T00:00:00.000Z";
    // No year that a time_point of 64 bits of nanoseconds can say has more or fewer than four digits.
    write_number(&digits[0], 4, static_cast<int>(date.year()));
    write_number(&digits[5], 2, static_cast<unsigned>(date.month()));
    write_number(&digits[8], 2, static_cast<unsigned>(date.day()));
    write_number(&digits[11], 2, time.hours().count());
    write_number(&digits[14], 2, time.minutes().count());
    write_number(&digits[17], 2, time.seconds().count());
    write_number(&digits[20], 3, time.subseconds().count());
    to += digits;
}

std::string timestamp(std::chrono::system_clock::time_point when) {
    std::string text;
    append_timestamp(text, when);
    return text;
}

}  // namespace postern::ops
