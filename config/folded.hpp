// How names are compared whose case does not count.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace postern::config {

// In lower case (ASCII).
[[nodiscard]] inline std::string folded(std::string_view text) {
    std::string low(text);
    std::transform(low.begin(), low.end(), low.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return low;
}

// As names of hosts are compared: without the trailing dot, too.
[[nodiscard]] inline std::string folded_name(std::string_view name) {
    return folded(name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0)));
}

}  // namespace postern::config
