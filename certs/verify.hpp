// How a context asks clients for certificates, and what becomes of sessions whose client did not show a good one.
#pragma once

#include "certs/context.hpp"

namespace postern::certs {

// The authorities, their names for clients, depth and revocation lists (nginx's ssl_client_certificate and its like). The
// handshake is finished whatever the client shows, so that who speaks HTTP hears what is wrong with it (nginx): whoever
// serves the connection has to ask judge().
void apply_verification(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

// What verifying the client's certificate came to: in this handshake, or in the one whose session goes on; a certificate
// that has expired since then has expired. X509_V_...
[[nodiscard]] long verify_result_of(const SSL* ssl);

// The client's certificate did not do, or a required one is missing: nothing may resume this session.
[[nodiscard]] bool is_refused(const SSL* ssl);

// The session's client has shown a certificate whose time is over.
[[nodiscard]] bool has_expired(SSL_SESSION* session, std::time_t now);

}  // namespace postern::certs
