// By which names a listener on loopback may be asked. A browser asks it by any name that a stranger's DNS leads here, and
// would show the answer to that stranger's page (DNS rebinding). Pure.
#pragma once

#include "config/endpoint.hpp"

#include <string_view>

namespace postern::ops {

[[nodiscard]] bool is_loopback(const config::endpoint& where);

// Whether a Host header, with or without a port, is an address, a name without a dot or one under localhost: none of these
// can be a stranger's.
[[nodiscard]] bool is_own_name(std::string_view host);

}  // namespace postern::ops
