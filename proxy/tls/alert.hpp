// The alerts by which TLS says that it is over (RFC 8446 section 6). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::tls {

// One that was sent or received in a handshake.
struct alert {
    bool from_client = false;  // false: ours
    std::uint8_t number = 0;
};

inline constexpr std::uint8_t alert_decode_error = 50;
inline constexpr std::uint8_t alert_unrecognized_name = 112;

// The name that its RFC gives it: "unknown_ca"; "unknown" for a number that has none.
[[nodiscard]] std::string_view alert_name(std::uint8_t number);

}  // namespace postern::tls
