// Numbers of TLS as IANA has them ("TLS ExtensionType Values", "TLS Supported Groups", "TLS SignatureScheme").
#pragma once

#include <cstdint>

namespace postern::tls {

enum class extension_type : std::uint16_t {
    server_name = 0,
    max_fragment_length = 1,
    status_request = 5,
    supported_groups = 10,
    signature_algorithms = 13,
    application_layer_protocol_negotiation = 16,
    session_ticket = 35,
    pre_shared_key = 41,
    early_data = 42,
    supported_versions = 43,
    cookie = 44,
    psk_key_exchange_modes = 45,
    certificate_authorities = 47,
    post_handshake_auth = 49,
    signature_algorithms_cert = 50,
    key_share = 51,
};

namespace group {
inline constexpr std::uint16_t x25519 = 29;
}  // namespace group

namespace signature_scheme {
inline constexpr std::uint16_t ecdsa_secp256r1_sha256 = 0x0403;
inline constexpr std::uint16_t ecdsa_secp384r1_sha384 = 0x0503;
inline constexpr std::uint16_t rsa_pss_rsae_sha256 = 0x0804;
inline constexpr std::uint16_t ed25519 = 0x0807;
}  // namespace signature_scheme

}  // namespace postern::tls
