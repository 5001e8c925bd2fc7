// Which files a configuration names.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace postern::config {

// The values of all keys that name a file to be read (or a folder of them, in `certificate`), in the order of the rows;
// what we write ourselves (logs, state_directory) is not among them.
[[nodiscard]] std::vector<std::string> files_in(const settings& all);

}  // namespace postern::config
