// The page for people, which the admin listener answers at "/": the files of this folder, as they were when this was built.
#pragma once

#include <span>
#include <string_view>

namespace postern::status_page {

struct file {
    std::string_view path;  // in a URL; "/" is the page itself
    std::string_view type;  // its Content-Type
    std::string_view text;
};

[[nodiscard]] std::span<const file> files();

}  // namespace postern::status_page
