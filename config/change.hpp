// Old settings against new: what a reload would have to leave to a restart.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace postern::config {

// The keys whose rows say `restart` and whose values differ: "workers", "admin.listen".
[[nodiscard]] std::vector<std::string> needs_restart(const settings& from, const settings& to);

}  // namespace postern::config
