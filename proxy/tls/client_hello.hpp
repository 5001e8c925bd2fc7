// The ClientHello read from our own bytes, before any TLS object exists. Pure: std only.
// RFC 8446 section 4.1.2 (message), 4.2 (extensions), 5.1 (records); RFC 6066 section 3 (server_name); RFC 7301 (ALPN).
#pragma once

#include "proxy/failure.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::tls {

// More of a ClientHello than this, record headers included, is refused.
inline constexpr std::size_t largest_hello = 64 * 1024;

struct client_hello {
    std::string server_name;  // lower case, without a trailing dot; empty: none, or an IP literal
    std::vector<std::string> alpn;
    std::uint16_t highest_version = 0;   // 0x0304 for TLS 1.3; from supported_versions, else the legacy field
    std::vector<std::uint16_t> groups;   // supported_groups, without GREASE
    std::vector<std::uint16_t> ciphers;  // without GREASE
    bool offers_resumption = false;      // a pre_shared_key, a non-empty session ticket or a TLS 1.2 session id
};

enum class hello_status : std::uint8_t {
    need_more,  // a proper prefix of something that may become a ClientHello
    complete,
    refused,
};

struct hello_result {
    hello_status status = hello_status::need_more;
    reason why = reason::bad_client_hello;  // when refused
    client_hello hello = {};                // when complete
};

// Reads what has been received so far, from the first byte on. A prefix costs only a walk over its record headers.
[[nodiscard]] hello_result read_client_hello(std::span<const std::uint8_t> received);

// The body of a server_name extension as the one name it means, by the rules above; nothing when it is malformed.
[[nodiscard]] std::optional<std::string> read_server_name(std::span<const std::uint8_t> extension);

}  // namespace postern::tls
