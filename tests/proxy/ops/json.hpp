// A strict reader of JSON, to judge what postern prints.
#pragma once

#include <string>
#include <string_view>

namespace postern::test {

// The value at `pointer` (RFC 6901, "/tls/version") of `line`, printed as JSON again; strings without their quotes.
// Throws when `line` is not one JSON text in UTF-8 or has nothing there.
[[nodiscard]] std::string json_at(std::string_view line, std::string_view pointer);

// The keys of the object at `pointer`, in order, with commas between.
[[nodiscard]] std::string json_keys(std::string_view line, std::string_view pointer);

}  // namespace postern::test
