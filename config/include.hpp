// `include: conf.d/*.yaml`, at the top of a file and in a server: the keys of other files as if they stood here.
#pragma once

#include "config/document.hpp"
#include "config/tree.hpp"

#include <string>

namespace postern::config {

// A whole text file, of which more than `largest_text` is not read; on failure `error` says why, in the system's words.
[[nodiscard]] std::string read_text(const std::string& file, std::string& error);

// Replaces `include` in the root and in each of its servers, and appends to the files, folders and problems of `doc`.
// Patterns are relative to the file that has them; files come in the order of their names, and a pattern that no file
// matches is no error (nginx). Lists (servers) and groups (upstreams) add up, any other key twice is an error.
void expand_includes(node& root, document& doc);

}  // namespace postern::config
