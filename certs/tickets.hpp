// Session-ticket keys (RFC 5077, section 4): an immutable value that every worker's contexts share, so that a ticket
// from one worker resumes on another.
#pragma once

#include "certs/secret.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace postern::certs {

struct ticket_keys {
    secret key;  // 16 bytes of name, 32 of HMAC key, 32 of AES key: OpenSSL's own layout
};

// Whether the ticket says that one of these keys made it; whether it is true, only decrypting it tells. What clients offer
// that is shorter, or no ticket at all, is none.
[[nodiscard]] bool names_key(std::span<const std::uint8_t> ticket, const ticket_keys& of);

// New random keys. Throws std::runtime_error when there is no randomness.
[[nodiscard]] std::shared_ptr<const ticket_keys> make_ticket_keys();

}  // namespace postern::certs
