// How a context's tickets are sealed and opened: with the keys that its thread was last given.
#pragma once

#include "certs/context.hpp"

namespace postern::certs {

struct free_cipher {
    void operator()(EVP_CIPHER* c) const;
};
using cipher_ptr = std::unique_ptr<EVP_CIPHER, free_cipher>;

// Part of a context's session_rules.
struct ticket_rules {
    std::shared_ptr<const ticket_keys> keys;  // null: OpenSSL's own, or no tickets
    // Fetched once: OpenSSL, left to itself, does it for each ticket.
    cipher_ptr aes_256;
    cipher_ptr aes_128;
    OSSL_LIB_CTX* library = nullptr;
};

void apply_tickets(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found);

// From now on the context uses these keys, in connections that are under way too. On the context's own thread, for a
// context that was made with keys.
void use_ticket_keys(SSL_CTX* context, std::shared_ptr<const ticket_keys> keys);

// What the context seals tickets with now (AES-CBC, then HMAC-SHA256 over name, IV and ciphertext); null where it issues
// none or OpenSSL does with keys of its own. Valid until use_ticket_keys().
[[nodiscard]] const ticket_key* sealing_ticket_key(SSL_CTX* context);

}  // namespace postern::certs
