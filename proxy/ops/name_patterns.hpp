// Which names in a folder count.
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include <fnmatch.h>

namespace postern::ops {

// Patterns of fnmatch(3), in which no wildcard is a dot in front.
using name_patterns = std::set<std::string>;

[[nodiscard]] inline bool matches(const std::string& name, const name_patterns& any) {
    return std::any_of(any.begin(), any.end(), [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
    });
}

}  // namespace postern::ops
