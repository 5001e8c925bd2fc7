// Many lines in one text, each with its newline. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace postern::ops {

[[nodiscard]] inline std::uint64_t count_lines(std::string_view lines) {
    return static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

// Takes the first line, with its newline, from the front.
[[nodiscard]] inline std::string_view take_line(std::string_view& lines) {
    const auto end = std::min(lines.find('\n'), lines.size() - 1);
    const auto line = lines.substr(0, end + 1);
    lines.remove_prefix(line.size());
    return line;
}

}  // namespace postern::ops
