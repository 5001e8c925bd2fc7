// The ticket of a TLS 1.3 connection, made in libssl's place: libssl would encode the session three times and decode it
// once for it.
#pragma once

#include "certs/secret.hpp"
#include "certs/tickets.hpp"
#include "proxy/tls/key_schedule.hpp"

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace postern::tls {

// One ticket a connection needs no other.
inline constexpr std::array<std::uint8_t, 1> ticket_nonce{0};

// The secret of the session that a ticket with ticket_nonce begins (RFC 8446 section 4.6.1), from "res master".
[[nodiscard]] inline bool derive_ticket_psk(key_schedule::hash h, key_schedule::bytes resumption,
                                            std::span<std::uint8_t> psk) {
    return key_schedule::expand_label(h, resumption, key_schedule::label_of("resumption"), ticket_nonce, psk);
}

// A NewSessionTicket (RFC 8446 section 4.6.1) with ticket_nonce around a ticket that libssl opens (RFC 5077 section 4).
// `session`: as certs::encode_for_ticket encodes it. `lifetime`: seconds, a week at the most. Empty when OpenSSL fails.
[[nodiscard]] std::vector<std::uint8_t> new_session_ticket(std::span<const std::uint8_t> session,
                                                           std::uint32_t lifetime, const certs::ticket_key& key,
                                                           OSSL_LIB_CTX* context);

// What is sealed in a ticket that libssl or new_session_ticket made. Empty when none of the keys did.
[[nodiscard]] certs::secret open_ticket(std::span<const std::uint8_t> ticket, const certs::ticket_keys& keys,
                                        OSSL_LIB_CTX* context);

}  // namespace postern::tls
