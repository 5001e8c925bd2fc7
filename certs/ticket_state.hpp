// What a ticket of TLS 1.3 has in it, read and written without an object of libssl's, in the form that libssl gives a
// session (SSL_SESSION_ASN1 of ssl/ssl_asn1.c, as in i2d_SSL_SESSION(3)): who opens the ticket need not be who made it.
#pragma once

#include "certs/secret.hpp"

#include <cstdint>
#include <ctime>
#include <optional>
#include <span>

namespace postern::certs {

struct ticket_state {
    std::uint16_t cipher = 0;                  // on the wire
    std::span<const std::uint8_t> psk;         // of the next session (RFC 8446 section 4.6.1)
    std::span<const std::uint8_t> id_context;  // the server's (SSL_CTX_set_session_id_context(3))
    std::time_t time = 0;                      // of this ticket
    std::time_t lifetime = 0;                  // seconds from then on
    std::time_t first = 0;                     // when the first handshake of this chain of resumptions was
};

[[nodiscard]] secret encode(const ticket_state& state);

// Points into `encoded`. Nothing where it is another version's, or has what only libssl understands: a certificate of the
// client's, a verdict on it; nor where it is no session at all.
[[nodiscard]] std::optional<ticket_state> decode_ticket_state(std::span<const std::uint8_t> encoded);

}  // namespace postern::certs
