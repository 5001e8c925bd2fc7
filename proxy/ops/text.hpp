// Foreign text inside our lines: nothing that a stranger sends can end a line or look like part of another field. Pure.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace postern::ops {

// Appends `text` as it may stand between the quotes of a JSON string (RFC 8259 section 7): quotes, backslashes and
// control characters escaped, bytes that are not UTF-8 (RFC 3629) replaced by U+FFFD.
void append_json_text(std::string& to, std::string_view text);

// Appends `text` as it may stand between quotes in a line of text: everything but printable ASCII, and quotes and
// backslashes, as \xNN with large letters (nginx's default escaping of variables).
void append_plain_text(std::string& to, std::string_view text);

// Appends `text` as a line for a person: UTF-8 and quotes stay as they are; control characters (those of C1, which some
// terminals obey, too) and bytes that are not UTF-8 become \xNN.
void append_readable_text(std::string& to, std::string_view text);

// Appends "2026-11-24T09:30:00.123Z" (RFC 3339, UTC).
void append_timestamp(std::string& to, std::chrono::system_clock::time_point when);
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point when);

// As the formats of the internet name them, whatever the locale.
inline constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace postern::ops
