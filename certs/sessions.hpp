// Resumption: ids, tickets, and the absolute lifetime of a session (nginx's ssl_session_* directives).
#pragma once

#include "certs/context.hpp"
#include "certs/ticket_callback.hpp"

#include <cstdint>
#include <ctime>
#include <span>
#include <string>

namespace postern::certs {

struct named_certificates;

// What the callbacks of one context need, and what OpenSSL does not tell of it; it lives as long as the context.
struct session_rules {
    std::time_t (*now)() = nullptr;
    std::time_t lifetime = 0;
    config::verify_mode verify_client = config::verify_mode::off;
    std::string alpn;                      // our protocols in the form of the extension
    std::shared_ptr<session_cache> cache;  // null unless sessions are kept where all workers find them
    ticket_rules tickets;
    std::size_t record_size = 0;               // ssl_buffer_size, within OpenSSL's bounds
    std::vector<stapled_certificate> stapled;  // the certificates that are, or will be

    // Null unless names choose among certificates (shown.cpp).
    std::shared_ptr<named_certificates> named;

    // False when OpenSSL has no memory.
    [[nodiscard]] static bool attach(SSL_CTX* context, const context_plan& plan);
    [[nodiscard]] static session_rules& of(SSL_CTX* context);
};

// The session of `ssl`, whose handshake in TLS 1.3 is done, as libssl reads it from a ticket. It gets what libssl gives a
// session with its ticket: `psk` (the secret that RFC 8446 section 4.6.1 derives from the ticket's nonce), the time, and
// what is left of its absolute lifetime, which SSL_SESSION_get_timeout tells. For who makes tickets in libssl's place.
// Nothing when OpenSSL fails, or when the client was refused (verify.hpp).
[[nodiscard]] secret encode_for_ticket(SSL* ssl, std::span<const std::uint8_t> psk);

void apply_sessions(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

}  // namespace postern::certs
