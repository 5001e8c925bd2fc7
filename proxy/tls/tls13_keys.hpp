// The secrets of one handshake of TLS 1.3 in their order (RFC 8446 section 7.1), wiped with it.
#pragma once

#include "proxy/tls/key_schedule.hpp"
#include "proxy/tls/transcript.hpp"

#include <array>

namespace postern::tls {

class tls13_keys {
public:
    explicit tls13_keys(key_schedule::hash h) : hash_(h) {}
    ~tls13_keys();
    tls13_keys(const tls13_keys&) = delete;
    tls13_keys& operator=(const tls13_keys&) = delete;

    // In this order. False when the key schedule refuses, as it does nothing of the right size.
    [[nodiscard]] bool begin(key_schedule::bytes psk);  // empty: there is none
    [[nodiscard]] bool add_exchange(key_schedule::bytes shared, const transcript_hash& to_server_hello);
    [[nodiscard]] bool add_flight(const transcript_hash& to_server_finished);
    [[nodiscard]] bool end(const transcript_hash& to_client_finished);

    // Of begin(): what a client proves its pre-shared key with.
    [[nodiscard]] bool binder(const transcript_hash& to_binders, std::span<std::uint8_t> out) const;
    // Of add_exchange(): the verify_data of either Finished.
    [[nodiscard]] bool verify_data(bool of_server, const transcript_hash& before, std::span<std::uint8_t> out) const;

    [[nodiscard]] key_schedule::bytes client_handshake() const { return bytes_of(client_handshake_); }
    [[nodiscard]] key_schedule::bytes server_handshake() const { return bytes_of(server_handshake_); }
    [[nodiscard]] key_schedule::bytes client() const { return bytes_of(client_); }
    [[nodiscard]] key_schedule::bytes server() const { return bytes_of(server_); }
    [[nodiscard]] key_schedule::bytes resumption() const { return bytes_of(resumption_); }

private:
    using secret = std::array<std::uint8_t, 48>;
    [[nodiscard]] key_schedule::bytes bytes_of(const secret& s) const {
        return key_schedule::bytes(s).first(size_of(hash_));
    }
    [[nodiscard]] std::span<std::uint8_t> room(secret& s) const { return std::span(s).first(size_of(hash_)); }
    [[nodiscard]] bool derive(const char* label, const transcript_hash& messages, secret& into) const;
    [[nodiscard]] bool mac(key_schedule::bytes with, const transcript_hash& of, std::span<std::uint8_t> out) const;

    key_schedule::hash hash_;
    secret now_{};  // the early, the handshake's, the master secret
    secret client_handshake_{};
    secret server_handshake_{};
    secret client_{};
    secret server_{};
    secret resumption_{};
};

}  // namespace postern::tls
