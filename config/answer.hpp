// An answer that is given without asking a backend: nginx's `return`.
#pragma once

#include "config/misread.hpp"
#include "config/text_template.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// nginx's code for closing the connection without an answer.
inline constexpr unsigned close_unanswered = 444;

struct answer {
    unsigned code = 0;   // 200 to 599; 444: none is given, the connection is closed
    text_template text;  // where `is_redirect`: the URL, never empty; else the content, which may be

    bool operator==(const answer&) const = default;
};

inline constexpr std::string_view answer_form = "CODE, CODE TEXT, CODE URL or a URL";

// 301, 302, 303, 307 and 308, whose answers name another URL in Location.
[[nodiscard]] bool is_redirect(unsigned code);

// "404", "200 text", "301 https://$host$request_uri"; a URL alone is a 302. Nothing when the text is none of these;
// `why`, where one is given, then says what is wrong.
[[nodiscard]] std::optional<answer> parse_answer(std::string_view text, misread* why = nullptr);

[[nodiscard]] std::string to_string(const answer& a);

}  // namespace postern::config
