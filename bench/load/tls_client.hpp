// OpenSSL for clients: one context, and what is to be known of a handshake.
#pragma once

#include "bench/load/options.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace postern::load {

struct tally;

struct ssl_deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* tls) const { SSL_free(tls); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
template <class T>
using ssl_ptr = std::unique_ptr<T, ssl_deleter>;

// Where a connection keeps what the server gave it for the next time.
struct wallet {
    ssl_ptr<SSL_SESSION> newest;
    std::uint64_t tickets = 0;
};

class tls_client {
public:
    // Throws std::runtime_error when OpenSSL does not know a name in the options.
    explicit tls_client(const options& asked);

    // Over a connected socket. Offers the wallet's newest session if it is to resume; the wallet must outlive the
    // result.
    [[nodiscard]] ssl_ptr<SSL> begin(int socket, wallet& sessions) const;

private:
    const options& asked_;
    ssl_ptr<SSL_CTX> context_;
};

// Adds a finished handshake to the counts.
void count_handshake(SSL* tls, tally& counts);

// What OpenSSL, or else the kernel, has against going on.
std::string reason_of_failure(int socket_error);

}  // namespace postern::load
