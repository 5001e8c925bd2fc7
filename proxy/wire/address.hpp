// IP addresses as text. Here no system is asked, so that every room below the sockets can know one when it sees it.
#pragma once

#include <string_view>

namespace postern::wire {

// Four decimal numbers up to 255 without leading zeros (RFC 3986 section 3.2.2).
[[nodiscard]] bool ipv4_address(std::string_view text);
// RFC 4291 section 2.2, without brackets and without a zone.
[[nodiscard]] bool ipv6_address(std::string_view text);

}  // namespace postern::wire
