// Which certificates the connections of a context show.
#pragma once

#include "certs/context.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::certs {

// The first identity with each kind of key, among which the client's abilities choose. Of a kind that comes again, those
// whose names (of the certificate) fit the client's SNI are shown in their place; they are parsed when a client first asks
// for them.
void use_identities(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

// The context's, and lives as long as it.
struct shown_certificate {
    X509* leaf;
    STACK_OF(X509) * issuers;
    EVP_PKEY* key;
};

// For who does handshakes in libssl's place. Which of the plan's identities are shown to who asks for `name`, one of a kind
// of key at most; none: those that are shown for want of a name.
[[nodiscard]] std::vector<std::size_t> identities_for(SSL_CTX* context, std::string_view name);
// One of them. Nothing when OpenSSL cannot make it out.
[[nodiscard]] std::optional<shown_certificate> show_identity(SSL_CTX* context, std::size_t index);

// Of a context in which names choose, how many certificates have been parsed; of another one 0.
[[nodiscard]] std::size_t parsed_certificates(SSL_CTX* context);

}  // namespace postern::certs
