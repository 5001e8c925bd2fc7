// A configuration's bytes before YAML sees them.
#pragma once

#include "config/problem.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// The first byte that no configuration may have, as a problem at its place: a control character (yaml-cpp ends the text
// at ^D and at NUL without a word) or what is not UTF-8 (yaml-cpp replaces it in silence, in paths too).
[[nodiscard]] std::optional<problem> unreadable_byte(std::string_view text, const std::string& file);

// "[::]:443" and the like at the front of `text`: brackets around at least two colons, and perhaps a port. Else empty.
[[nodiscard]] std::string_view bracketed_ipv6(std::string_view text);

// The word in line `line` (from 1) that YAML takes for something else unless it is in quotes: `[::]:443` is a list to it
// and `*.example.org` an alias. Empty where there is none.
[[nodiscard]] std::string word_without_quotes(std::string_view text, int line);

}  // namespace postern::config
