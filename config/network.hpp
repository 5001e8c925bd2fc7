// A network of IP addresses, as `trusted_proxies` names them: "10.0.0.0/8", "2001:db8::/32", "127.0.0.1".
#pragma once

#include "config/misread.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// IPv4 is held as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2), with 96 added to its prefix; bits beyond the prefix are 0.
struct network {
    std::array<std::uint8_t, 16> address{};
    unsigned prefix = 128;

    bool operator==(const network&) const = default;

    // Whether `ip`, an address as text without a port, is one of the network's. IPv4-mapped IPv6 counts as IPv4, and no
    // IPv4 address is in a network of IPv6: `::/0` trusts none of them. False for what is no address.
    [[nodiscard]] bool contains(std::string_view ip) const;
};

// Whether the text is an IP address alone: no prefix, no brackets, no port.
[[nodiscard]] bool is_address(std::string_view text);

inline constexpr std::string_view network_form = "10.0.0.0/8, 192.0.2.1, 2001:db8::/32 or ::1";

// An address alone is a network of one; IPv6 may stand in brackets, as it does before a port. Nothing when the text is no
// network, or has bits beyond its prefix; `why`, where one is given, then says what is wrong.
[[nodiscard]] std::optional<network> parse_network(std::string_view text, misread* why = nullptr);

// In one spelling; without a prefix when the network is one address.
[[nodiscard]] std::string to_string(const network& n);

}  // namespace postern::config
