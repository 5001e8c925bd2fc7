// The running hash over a handshake's messages (RFC 8446 section 4.4.1).
#pragma once

#include "proxy/tls/key_schedule.hpp"

#include <array>

namespace postern::tls {

// As many of its bytes count as the hash is long.
struct transcript_hash {
    std::array<std::uint8_t, 48> value{};
    std::size_t size = 0;

    operator key_schedule::bytes() const { return key_schedule::bytes(value).first(size); }
};

class transcript {
public:
    explicit transcript(key_schedule::hash h);

    void add(key_schedule::bytes message);
    // Of all that was added; more may follow.
    [[nodiscard]] transcript_hash now() const;

private:
    key_schedule::hash hash_;
    // libcrypto's own state of either, which is plain memory.
    alignas(16) std::array<std::uint8_t, 256> state_{};
};

}  // namespace postern::tls
