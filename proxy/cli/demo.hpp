// The parts of `postern demo` that are values.
#pragma once

#include "config/endpoint.hpp"

#include <string>
#include <vector>

namespace postern::cli {

// The host that a client on this machine writes in the URL: localhost where the address is one that localhost means.
[[nodiscard]] std::string demo_host(const config::endpoint& listen);

// What the certificate must name so that this host and localhost work.
[[nodiscard]] std::vector<std::string> demo_names(const config::endpoint& listen);

[[nodiscard]] std::string demo_configuration(const config::endpoint& listen);

// "curl --cacert FILE https://localhost:8443/"
[[nodiscard]] std::string demo_curl(const config::endpoint& listen, const std::string& authority_file);

}  // namespace postern::cli
