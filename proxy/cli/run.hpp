// The command line from its arguments to the exit code.
#pragma once

#include "proxy/cli/command.hpp"

namespace postern::cli {

// For main(): with the process's own stdout and stderr.
[[nodiscard]] int run(int argc, char** argv);

// `arguments` without the program's name. Never throws.
[[nodiscard]] int run(const std::vector<std::string>& arguments, streams to);

}  // namespace postern::cli
