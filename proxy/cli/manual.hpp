// What `--help` says beside the flags. The flags' own lines are where they are parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::cli {

struct verb_text {
    std::string_view name;
    std::string_view line;      // in one line
    std::string_view about;     // in full
    std::string_view examples;  // a command a line
    std::string_view exits;     // "CODE  MEANING" a line
};

// In the order in which a person meets them.
[[nodiscard]] const std::vector<verb_text>& verbs();

// `postern --help`.
[[nodiscard]] std::string manual();

// Below the flags in `postern VERB --help`: the examples and the exit codes.
[[nodiscard]] std::string closing(const verb_text& verb);

}  // namespace postern::cli
