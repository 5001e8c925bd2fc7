// The operator's cipher lists, word by word: OpenSSL passes over words that it does not know, so a slip of the pen
// would go unseen.
#pragma once

#include "certs/openssl.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

namespace postern::certs {

// Sets `ciphers` (TLS 1.2 and below) and `ciphersuites` (TLS 1.3) on `context`.
void apply_ciphers(SSL_CTX* context, const config::ssl& settings, config::problems& found);

}  // namespace postern::certs
