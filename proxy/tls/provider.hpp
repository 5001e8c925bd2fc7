// Our key schedule as an OpenSSL provider that is part of the program: libssl fetches TLS13-KDF for each key of TLS
// 1.3, and gets ours where it asks with `provider_query`. Everything else stays with the providers that were there.
#pragma once

#include <openssl/core.h>

namespace postern::tls {

inline constexpr const char* provider_name = "postern";
// A wish, and a property of our own (OpenSSL wants a dot in its name): "?provider=postern" would take the place of what
// openssl.cnf says of providers, and where that excludes us (fips=yes, provider=...) it must have its way.
inline constexpr const char* provider_query = "?postern.keys=yes";

// For OSSL_PROVIDER_add_builtin.
int provider_init(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* core, const OSSL_DISPATCH** ours,
                  void** context);

}  // namespace postern::tls
