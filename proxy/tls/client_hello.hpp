// The ClientHello read from our own bytes, before any TLS object exists. Pure: std only.
// RFC 8446 section 4.1.2 (message), 4.2 (extensions), 5.1 (records); RFC 7301 (ALPN); RFC 8701 (GREASE).
#pragma once

#include "proxy/failure.hpp"
#include "proxy/tls/server_name.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::tls {

// A ClientHello that ends later than this, record headers included, is refused.
inline constexpr std::size_t largest_hello = 64 * 1024;

// The spans are lists in the form they were sent in, found well-formed, empty when absent; the functions below open
// them. They point into what was given to read_client_hello, or into hello_result::joined.
struct client_hello {
    std::span<const std::uint8_t> message;  // all of it, with the handshake header
    std::span<const std::uint8_t> session_id;
    std::span<const std::uint8_t> compressions;
    std::span<const std::uint8_t> extensions;  // types and lengths are well-formed, and no type comes twice
    std::uint16_t legacy_version = 0;
    std::string server_name;         // see read_server_name; empty: none, or an IP literal
    bool sni_present = false;        // ... and which of the two
    bool offers_resumption = false;  // by TLS 1.3 pre-shared key, by ticket, or by TLS 1.2 session id
    std::uint8_t versions = 0;       // bit n stands for TLS 1.n, 0 to 3
    std::span<const std::uint8_t> ciphers;
    std::span<const std::uint8_t> groups;
    std::span<const std::uint8_t> signature_algorithms;
    std::span<const std::uint8_t> alpn;
    std::span<const std::uint8_t> key_shares;
    std::span<const std::uint8_t> ticket;  // the first pre-shared key's identity, else the TLS 1.2 ticket
};

enum class hello_status : std::uint8_t {
    need_more,  // a proper prefix of something that may become a ClientHello
    complete,
    refused,
};

// Can be moved, not copied: `hello` may point into `joined`.
struct hello_result {
    hello_status status = hello_status::need_more;
    reason why = reason::bad_client_hello;        // when refused
    client_hello hello = {};                      // when complete
    std::unique_ptr<std::uint8_t[]> joined = {};  // the message, when it came in more than one record
};

// Reads what has been received so far, from the first byte on. Until the message is there, a call costs a walk over at
// most a thousand record headers and allocates nothing. The answer to some bytes does not depend on how they were cut
// into segments; needs more of no more than largest_hello bytes.
[[nodiscard]] hello_result read_client_hello(std::span<const std::uint8_t> received);

// Ciphers, groups, signature algorithms, without GREASE.
[[nodiscard]] std::vector<std::uint16_t> numbers(std::span<const std::uint8_t> list);
// The protocols of `alpn`.
[[nodiscard]] std::vector<std::string_view> names(std::span<const std::uint8_t> list);
// The groups of `key_shares`, without GREASE.
[[nodiscard]] std::vector<std::uint16_t> key_share_groups(std::span<const std::uint8_t> list);

}  // namespace postern::tls
