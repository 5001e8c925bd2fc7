// What a handshake of TLS 1.3 comes to, chosen from the client's hello and the server's terms as libssl chooses it. Pure.
#pragma once

#include "proxy/tls/client_hello.hpp"
#include "proxy/tls/tls13_terms.hpp"

#include <optional>
#include <string_view>

namespace postern::tls {

// The first pre-shared key that the client offers; others are passed over.
struct offered_key {
    std::span<const std::uint8_t> ticket;
    std::span<const std::uint8_t> binder;
    std::size_t bound = 0;  // how much of the message the binder covers (RFC 8446 section 4.2.11.2)
};

// Points into the hello and the terms.
struct tls13_choice {
    const cipher_suite* suite = nullptr;
    std::span<const std::uint8_t> share;  // the client's, for X25519
    const tls13_signer* signer = nullptr;
    std::string_view alpn;  // empty: none
    bool wants_staple = false;
    bool takes_tickets = false;  // for a resumption with a key exchange, the only one that there is here
    std::optional<offered_key> resumes;
};

// Nothing where libssl has to do it: what the client needs is not here (another version, another group than X25519, a
// second hello, early data, smaller records, several pre-shared keys), or it is to be refused, which is libssl's to say.
[[nodiscard]] std::optional<tls13_choice> choose(const client_hello& hello, const tls13_terms& terms);

}  // namespace postern::tls
