// nginx has no such thing: which verified clients may use a server (`allow`). Pure.
#pragma once

#include "certs/client_certificate.hpp"
#include "config/settings.hpp"

#include <string_view>
#include <vector>

namespace postern::certs {

// One of the rules holds in all that it names. Whether the certificate verified is not looked at. What is a pattern to
// somebody, or a trick, matches nothing: a `*` or a zero byte in a certificate's name, two common names, a path with `.`
// or `..` in a URI.
[[nodiscard]] bool is_allowed(const std::vector<config::allow_rule>& rules, const client_certificate& client);

// `*` in the pattern stands for one character or more but no `separator`, `**` for one or more of any.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text, char separator);

}  // namespace postern::certs
