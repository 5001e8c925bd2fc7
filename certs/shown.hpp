// Which certificates the connections of a context show.
#pragma once

#include "certs/context.hpp"

namespace postern::certs {

// The first identity with each kind of key, among which the client's abilities choose. Of a kind that comes again, those
// whose names (of the certificate) fit the client's SNI are shown in their place; they are parsed when a client first asks
// for them.
void use_identities(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

// Of a context in which names choose, how many certificates have been parsed; of another one 0.
[[nodiscard]] std::size_t parsed_certificates(SSL_CTX* context);

}  // namespace postern::certs
