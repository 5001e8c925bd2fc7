// The server's side of a key exchange by X25519 (RFC 7748) over libcrypto.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <span>

namespace postern::tls {

using x25519_value = std::array<std::uint8_t, 32>;

// A fresh private key, its share and the secret with the client's share. False when OpenSSL fails, or the secret is zero,
// as a client's malicious share makes it (RFC 8446 section 7.4.2). The caller wipes `secret`.
[[nodiscard]] bool x25519_exchange(OSSL_LIB_CTX* library, std::span<const std::uint8_t> client_share,
                                   x25519_value& our_share, x25519_value& secret);

}  // namespace postern::tls
