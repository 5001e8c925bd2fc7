// The nearest right word to a wrong one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// Empty when none of `words` is near: at most two letters away, and fewer than half of them. Case does not count.
[[nodiscard]] std::string suggest(std::string_view wrong, const std::vector<std::string>& words);

}  // namespace postern::config
