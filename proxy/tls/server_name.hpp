// The server_name extension (RFC 6066, section 3), read once for our choice of server and once for OpenSSL's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace postern::tls {

// The body of the extension as the one name it means: in lower case, without a trailing dot, empty for an IP literal
// (which RFC 6066 forbids and some clients send all the same). Nothing when it is malformed, holds anything but exactly
// one host_name, or the name has a byte that no host name has.
[[nodiscard]] std::optional<std::string> read_server_name(std::span<const std::uint8_t> extension);

}  // namespace postern::tls
