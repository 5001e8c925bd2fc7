// Which certificates the connections of a context show.
#pragma once

#include "certs/context.hpp"

namespace postern::certs {

// The first identity with each kind of key, among which the client's abilities choose. Of a kind that comes again, those
// whose names (of the certificate) fit the client's SNI are shown in their place.
void use_identities(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

}  // namespace postern::certs
