// The messages of a server's flight in TLS 1.3 (RFC 8446 section 4) as bytes, each with its header. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace postern::tls {

struct server_hello {
    std::span<const std::uint8_t> random;      // 32 bytes
    std::span<const std::uint8_t> session_id;  // the client's
    std::uint16_t suite = 0;
    std::span<const std::uint8_t> share;  // ours, for X25519
    bool resumes = false;                 // with the client's first pre-shared key
};

// Each puts a message behind what is in `to`.
void add_server_hello(std::vector<std::uint8_t>& to, const server_hello& hello);
// `alpn`: empty: none was chosen.
void add_encrypted_extensions(std::vector<std::uint8_t>& to, std::string_view alpn);
// `chain`: DER, the leaf first.
void add_certificate(std::vector<std::uint8_t>& to, std::span<const std::vector<std::uint8_t>> chain);
// `message`, made by add_certificate(), with an OCSP response for its leaf (section 4.4.2.1).
void add_stapled_certificate(std::vector<std::uint8_t>& to, std::span<const std::uint8_t> message,
                             std::span<const std::uint8_t> response);
void add_certificate_verify(std::vector<std::uint8_t>& to, std::uint16_t scheme,
                            std::span<const std::uint8_t> signature);
void add_finished(std::vector<std::uint8_t>& to, std::span<const std::uint8_t> verify_data);

// What a server signs (section 4.4.3), for a transcript hash of 48 bytes at most.
class content_to_sign {
public:
    explicit content_to_sign(std::span<const std::uint8_t> transcript_hash);
    operator std::span<const std::uint8_t>() const { return std::span(bytes_).first(size_); }

private:
    std::array<std::uint8_t, 64 + 33 + 1 + 48> bytes_{};
    std::size_t size_;
};

}  // namespace postern::tls
