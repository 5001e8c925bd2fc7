// What a context offers in handshakes of TLS 1.3 that are done without libssl: read from it once, since libssl tells most
// of it only of a connection.
#pragma once

#include "certs/openssl.hpp"
#include "certs/sessions.hpp"
#include "proxy/tls/record_key.hpp"

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace postern::tls {

// One of the server's certificates and what its key signs with.
class tls13_signer {
public:
    std::uint16_t scheme = 0;               // on the wire (RFC 8446 section 4.2.3)
    std::vector<std::uint8_t> certificate;  // the Certificate message, with its header

    using signature = std::array<std::uint8_t, 512>;  // of RSA with 4096 bits
    // Of `content`, into the front of `room`; empty when OpenSSL fails, or the key is too large.
    [[nodiscard]] std::span<const std::uint8_t> sign(std::span<const std::uint8_t> content, signature& room) const;

    certs::staple_slot_ptr staple;  // where the certificate's lies; null: it never has one
    certs::pkey_ptr key;
    const char* digest = nullptr;  // null: the scheme's own
    OSSL_LIB_CTX* libctx = nullptr;
    const char* properties = nullptr;
};

struct tls13_terms {
    std::vector<std::uint16_t> suites;  // ours on the wire, in order
    bool our_order = false;             // counts, not the client's
    bool chacha_first = false;          // for a client that has it first
    std::vector<tls13_signer> signers;  // in libssl's order
    const certs::session_rules* rules = nullptr;

    // For clients that ask for this name; empty: for none. Null where handshakes are libssl's to do: the settings do not
    // allow for another, its keys are not of our schedule, or there is a certificate of which we know too little. Made at
    // the first call for the certificates that the name stands for, on the context's own thread; they live as long as it.
    [[nodiscard]] static const tls13_terms* of(SSL_CTX* context, std::string_view name);
};

}  // namespace postern::tls
