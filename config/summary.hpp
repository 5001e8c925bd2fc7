// What a configuration would serve, on one screen.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace postern::config {

[[nodiscard]] std::string summary(const settings& s);

}  // namespace postern::config
