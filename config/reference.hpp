// What an operator reads about the configuration, printed from the rows of fields.hpp, so that it cannot drift.
#pragma once

#include <string>

namespace postern::config {

enum class reference_format {
    markdown,  // the manual's table of keys
    yaml,      // the default configuration, commented
    schema,    // JSON Schema 2020-12, for editors
};

[[nodiscard]] std::string reference(reference_format format);

}  // namespace postern::config
