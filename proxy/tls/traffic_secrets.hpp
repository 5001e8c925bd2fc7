// The secrets that a handshake of TLS 1.3 leaves (RFC 8446 section 7.1): two, from which the keys of application data are
// made, and that of resumption. libssl shows them to a key log at most, as text; but it is our key schedule that derives
// them.
#pragma once

#include "proxy/tls/key_request.hpp"

#include <openssl/types.h>

#include <array>
#include <cstdint>

namespace postern::tls {

class traffic_secrets {
public:
    traffic_secrets() = default;
    ~traffic_secrets();
    traffic_secrets(const traffic_secrets&) = delete;
    traffic_secrets& operator=(const traffic_secrets&) = delete;

    // The server's traffic secret, and that the handshake has come as far as our Finished.
    [[nodiscard]] bool has_server() const { return known_.server; }
    [[nodiscard]] bool complete() const { return known_.client && known_.server && known_.resumption; }
    // As long as the hash that they were made with.
    [[nodiscard]] key_schedule::bytes client() const { return key_schedule::bytes(client_).first(size_); }
    [[nodiscard]] key_schedule::bytes server() const { return key_schedule::bytes(server_).first(size_); }
    [[nodiscard]] key_schedule::bytes resumption() const { return key_schedule::bytes(resumption_).first(size_); }
    // The context in which they were derived.
    [[nodiscard]] OSSL_LIB_CTX* context() const { return context_; }

    // It has been told of a key, of whatever kind.
    [[nodiscard]] bool is_told() const { return known_.any; }

    // All of them, of one length, when they are derived elsewhere.
    void set(key_schedule::bytes client, key_schedule::bytes server, key_schedule::bytes resumption,
             OSSL_LIB_CTX* context);
    // What `request` gave, whatever it was.
    void note(const key_request& request, key_schedule::bytes derived, OSSL_LIB_CTX* context);

private:
    using secret = std::array<std::uint8_t, 48>;
    struct which {
        bool client = false;
        bool server = false;
        bool resumption = false;
        bool any = false;
    };

    secret client_{};
    secret server_{};
    secret resumption_{};
    std::uint8_t size_ = 0;
    which known_;
    OSSL_LIB_CTX* context_ = nullptr;
};

// While it lives, `to` is told of each key that the calling thread derives. Null: nobody is.
class listening {
public:
    explicit listening(traffic_secrets* to);
    ~listening();
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;

private:
    traffic_secrets* before_;
};

// Somebody listens on the calling thread, and has heard of a key: the handshake that goes on derives its keys by our
// schedule.
[[nodiscard]] bool keys_are_ours();

// For the provider: it has derived a key.
void tell_of_key(const key_request& request, key_schedule::bytes derived, OSSL_LIB_CTX* context);

}  // namespace postern::tls
