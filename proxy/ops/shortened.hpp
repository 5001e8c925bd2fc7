// A line that is too long for whoever takes it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::ops {

// The line, without its newline, in `most` bytes (64 at least) if it has more: the longest texts between quotes lose their
// ends, all to the same size, each with "..." in place of it. So JSON stays JSON, and no key is lost. Of a line that has no
// long text its own end goes. No escape and no character of UTF-8 is cut apart.
[[nodiscard]] std::string shortened(std::string_view line, std::size_t most);

}  // namespace postern::ops
