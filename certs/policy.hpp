// What the ssl block's words mean to this OpenSSL: protocols, cipher lists, groups.
#pragma once

#include "certs/library.hpp"
#include "certs/openssl.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace postern::certs {

// Sets protocols, ciphers, ciphersuites and groups on `context`; appends to `found` what cannot be had.
void apply_policy(SSL_CTX* context, const config::ssl& settings, config::problems& found);

// The groups this build knows: first those of `ecdh_curve: auto` in their order, then the rest.
[[nodiscard]] std::vector<std::string> known_groups(const library& in);

// What a context has come to offer, as text for a test and for `postern version`: a line for the protocols and
// one for every suite in the order of preference. (OpenSSL does not tell a context's groups.)
[[nodiscard]] std::string describe_policy(SSL_CTX* context);

}  // namespace postern::certs
