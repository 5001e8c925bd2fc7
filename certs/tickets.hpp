// Session-ticket keys (RFC 5077, section 4) as immutable values that every worker's contexts share, so that a ticket from
// one worker resumes on another. Where they come from: ticket_source; how OpenSSL uses them: ticket_callback.
#pragma once

#include "certs/secret.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace postern::certs {

// Seals with AES-CBC and HMAC-SHA256, as nginx and OpenSSL do.
class ticket_key {
public:
    static constexpr std::size_t name_size = 16;

    // nginx's ssl_session_ticket_key: 80 bytes are name, 32 of HMAC, 32 of AES-256; 48 are name, 16 of AES-128, 16 of
    // HMAC. The orders differ. Nothing for another size.
    [[nodiscard]] static std::optional<ticket_key> of(secret bytes);

    // With these the ticket begins.
    [[nodiscard]] std::span<const std::uint8_t> name() const { return bytes_.bytes().first(name_size); }
    [[nodiscard]] std::span<const std::uint8_t> hmac() const;  // 32 bytes, or 16
    [[nodiscard]] std::span<const std::uint8_t> aes() const;   // as many

private:
    explicit ticket_key(secret bytes) : bytes_(std::move(bytes)) {}
    secret bytes_;
};

// Sets share their keys; a key's memory is wiped with the last set that has it.
using ticket_key_ptr = std::shared_ptr<const ticket_key>;

class ticket_keys {
public:
    // At least one; the first seals.
    explicit ticket_keys(std::vector<ticket_key_ptr> all) : all_(std::move(all)) {}

    [[nodiscard]] const ticket_key& sealing() const { return *all_.front(); }
    // The key that this ticket, or its name alone, says to be by; null: it is by none of these.
    [[nodiscard]] const ticket_key* find(std::span<const std::uint8_t> ticket) const;
    [[nodiscard]] std::size_t size() const { return all_.size(); }

private:
    std::vector<ticket_key_ptr> all_;
};

// Whether the ticket says that one of these keys made it; whether it is true, only decrypting it tells. What clients offer
// that is shorter, or no ticket at all, is none.
[[nodiscard]] bool names_key(std::span<const std::uint8_t> ticket, const ticket_keys& of);

// A new random key of 80 bytes. Null when there is no randomness.
[[nodiscard]] ticket_key_ptr make_ticket_key();

// New random keys. Throws std::runtime_error when there is no randomness.
[[nodiscard]] std::shared_ptr<const ticket_keys> make_ticket_keys();

}  // namespace postern::certs
