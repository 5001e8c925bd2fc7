// Ticket keys derived from one shared secret and the time, so that processes that never talk have the same ones. The
// scheme is in certs/README.md.
#pragma once

#include "certs/ticket_source.hpp"

namespace postern::certs {

// How short a secret may be. It is used as it is: random bytes, no password.
inline constexpr std::size_t least_ticket_secret = 32;

// The key of one epoch, which is `rotation` long; its name ends with the epoch's number. Null when OpenSSL refuses.
[[nodiscard]] ticket_key_ptr derive_ticket_key(const secret& from, std::chrono::seconds rotation, std::uint64_t epoch);

// The current epoch's key of the first secret seals. All secrets' keys open: those of the epochs back to the one in which
// a ticket was sealed that may just be used still, at least the previous one, and of the next one. At least one secret.
[[nodiscard]] std::shared_ptr<ticket_source> derived_tickets(std::vector<secret> from);

}  // namespace postern::certs
