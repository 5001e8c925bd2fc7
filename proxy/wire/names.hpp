// Which fields a proxy passes on, by their names alone.
#pragma once

#include "proxy/wire/head.hpp"

#include <span>

namespace postern::wire {

// Of one connection and not of the message, or about how the message is framed: never passed on, always written anew
// (RFC 9110 section 7.6.1). By name: also when spelt with `_` for `-`, which CGI cannot tell apart.
[[nodiscard]] bool concerns_connection(known id);
[[nodiscard]] bool concerns_connection(std::string_view name);

// May come behind a body (RFC 9110 section 6.5.1): nothing there may change how the message was framed, routed, allowed
// or understood, nor say what only we say.
[[nodiscard]] bool may_be_trailer(std::string_view name);

// One of the options of the Connection headers is this name.
[[nodiscard]] bool named_by_connection(std::span<const std::string_view> options, std::string_view name);

}  // namespace postern::wire
