// The configuration as a JSON Schema (2020-12), from the rows of fields.hpp.
#pragma once

#include <string>

namespace postern::config {

[[nodiscard]] std::string schema();

}  // namespace postern::config
