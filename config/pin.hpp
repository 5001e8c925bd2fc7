// A SHA-256 as operators write it: in hexadecimal, as `openssl` prints it or not, or in base64, as pins are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

inline constexpr std::string_view pin_form = "a SHA-256 in hexadecimal or base64";

// In 64 small hexadecimal digits. Nothing when the text is no SHA-256.
[[nodiscard]] std::optional<std::string> parse_pin(std::string_view text);

}  // namespace postern::config
