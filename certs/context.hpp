// From settings, identities and keys to an SSL_CTX: the only caller of SSL_CTX_set_*.
#pragma once

#include "certs/identity.hpp"
#include "certs/library.hpp"
#include "certs/openssl.hpp"
#include "certs/session_cache.hpp"
#include "certs/staple_shelf.hpp"
#include "certs/ticket_counts.hpp"
#include "certs/tickets.hpp"
#include "certs/trust.hpp"
#include "config/settings.hpp"

#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace postern::certs {

struct context_plan {
    const config::ssl* settings = nullptr;
    // The server's certificates. The client's abilities choose among kinds of key (RSA, EC, Ed25519), and among several of
    // one kind the name that it asks for.
    std::vector<std::shared_ptr<const identity>> identities;
    // Where the staple of each identity lies, null for one that has none; empty: none has.
    std::vector<staple_slot_ptr> staples;
    // Whom verify_client goes by. Null: nobody is trusted.
    std::shared_ptr<const certs::trust> trust;
    // The server's `allow`, to which sessions are bound. Null: it has none.
    const std::vector<config::allow_rule>* allow = nullptr;
    // PEM of `dhparam`. Null: none, and no suites of DHE.
    std::shared_ptr<const std::string> dh_parameters;
    // Null: keys of the context's own, so that its tickets resume nowhere else.
    std::shared_ptr<const ticket_keys> tickets;
    // Where it is counted what becomes of tickets; outlives the context. Null: nowhere.
    ticket_counts* counts = nullptr;
    // Of `session_cache: shared:...`, which all workers are given. Null: one of the context's own.
    std::shared_ptr<session_cache> cache;
    // The implementations that connections prefer, as a property query. Null: the library's preference.
    const char* properties = nullptr;
    // Called for each ClientHello before resumption is decided; see SSL_CTX_set_client_hello_cb.
    SSL_client_hello_cb_fn client_hello = nullptr;
    void* client_hello_arg = nullptr;
    // Whether each identity is tried, also those that would be parsed when a client asks for their names.
    bool check_all = false;
    // Handshakes of TLS 1.3 may be done without libssl (proxy/tls/tls13_handshake).
    bool own_handshake = false;
    // The wall clock, for tests to move.
    std::time_t (*now)() = [] { return std::time(nullptr); };
};

struct free_server_context {
    void operator()(SSL_CTX* context) const;
};
// Must outlive the connections made from it: OpenSSL counts its own reference, not what our callbacks need.
using server_context = std::unique_ptr<SSL_CTX, free_server_context>;

// A server context in `in`: protocols, ciphers, groups, clients' certificates (see verify.hpp), sessions and their absolute
// lifetime (nginx's ssl_session_timeout), ALPN; no compression, no renegotiation, no chain building at run time. Keeps what
// `plan` shares with it, and nothing else of it. Null with an error in `found`, keys relative to the ssl block, when a
// setting cannot be had from this OpenSSL; warnings come with a context.
[[nodiscard]] server_context make_context(const context_plan& plan, const library& in, config::problems& found);

// The most plaintext in one record of a connection of `context` (nginx's ssl_buffer_size).
[[nodiscard]] std::size_t record_size(SSL_CTX* context);

}  // namespace postern::certs
