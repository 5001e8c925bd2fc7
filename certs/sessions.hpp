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
    ticket_counts* counts = nullptr;           // null: nobody counts
    std::size_t record_size = 0;               // ssl_buffer_size, within OpenSSL's bounds
    std::vector<stapled_certificate> stapled;  // of the certificates that have been parsed, those that are or will be

    // Null unless names choose among certificates (shown.cpp).
    std::shared_ptr<named_certificates> named;

    // For who does handshakes in libssl's place (proxy/tls/tls13_terms): whether the plan allows it, and nothing stands in
    // the settings that only libssl can do; and what it keeps of the context.
    bool own_handshake = false;
    std::vector<std::uint8_t> id_context;  // to which sessions are bound
    std::vector<std::uint16_t> groups;     // ours on the wire, in order
    bool sessions_by_id = false;           // in TLS 1.3 too: tickets are off, and there is a cache
    OSSL_LIB_CTX* libctx = nullptr;
    const char* properties = nullptr;
    std::shared_ptr<void> terms;

    // False when OpenSSL has no memory.
    [[nodiscard]] static bool attach(SSL_CTX* context, const context_plan& plan);
    [[nodiscard]] static session_rules& of(SSL_CTX* context);
};

// The session of `ssl`, whose handshake in TLS 1.3 is done, as libssl reads it from a ticket. It gets what libssl gives a
// session with its ticket: `psk` (the secret that RFC 8446 section 4.6.1 derives from the ticket's nonce), the time, and
// what is left of its absolute lifetime, which SSL_SESSION_get_timeout tells. For who makes tickets in libssl's place.
// Nothing when OpenSSL fails, or when the client was refused (verify.hpp).
[[nodiscard]] secret encode_for_ticket(SSL* ssl, std::span<const std::uint8_t> psk);

// What a ticket made now gets: when its chain of resumptions began, and the seconds that are left of it. `inherited`: of
// the session that goes on; 0: it is the first.
struct ticket_times {
    std::time_t first;
    std::time_t left;
};
[[nodiscard]] ticket_times times_of_ticket(const session_rules& rules, std::time_t inherited);

// Whether a session whose chain began then may still be resumed, by the rules of now.
[[nodiscard]] bool may_go_on(const session_rules& rules, std::time_t first);

// A handshake whose client has offered tickets has been answered: it goes on from one of them, or is a full one. For who
// does handshakes to call, once in each: OpenSSL asks about each ticket, and after a HelloRetryRequest anew. Where we
// issue no tickets, nothing is counted.
void count_offered_ticket(SSL_CTX* context, bool resumed);

void apply_sessions(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

}  // namespace postern::certs
