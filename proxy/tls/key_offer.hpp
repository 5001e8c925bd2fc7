// Puts our key schedule into a library context of OpenSSL's, where that is right.
#pragma once

#include "certs/library.hpp"

#include <openssl/core.h>

#include <string>

namespace postern::tls {

struct key_offer {
    bool accepted = false;  // contexts made with `provider_query` derive their keys by it
    bool broken = false;    // our own fault: it did not stand its test
    std::string why = {};   // it is not accepted
};

// Not under FIPS, nor where openssl.cnf asks for a provider by name, nor when the test below has failed; the keys are
// then OpenSSL's own work. Once for each library, before a context is made in it.
[[nodiscard]] key_offer offer_key_schedule(certs::library& to);

// Derives keys of RFC 8448 and others by the provider that `init` makes, in a library context for the purpose, and
// compares with the RFC and with OpenSSL. Returns what is wrong, else nothing.
[[nodiscard]] std::string test_key_schedule(OSSL_provider_init_fn* init);

}  // namespace postern::tls
