#include "proxy/tls/handshake.hpp"

#include "proxy/tls/record_header.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace postern::tls {
namespace {

struct meaning {
    int code;  // SSL_R_...
    reason why;
};

// What a client can cause and we name; every other SSL error is `protocol_error`.
constexpr std::array meanings{
    meaning{SSL_R_UNSUPPORTED_PROTOCOL, reason::no_common_protocol},
    meaning{SSL_R_UNKNOWN_PROTOCOL, reason::no_common_protocol},
    meaning{SSL_R_VERSION_TOO_LOW, reason::no_common_protocol},
    meaning{SSL_R_NO_PROTOCOLS_AVAILABLE, reason::no_common_protocol},
    meaning{SSL_R_INAPPROPRIATE_FALLBACK, reason::no_common_protocol},
    meaning{SSL_R_NO_SHARED_CIPHER, reason::no_common_cipher},
    meaning{SSL_R_NO_CIPHERS_SPECIFIED, reason::no_common_cipher},
    meaning{SSL_R_NO_SUITABLE_KEY_SHARE, reason::no_common_group},
    meaning{SSL_R_NO_SHARED_GROUPS, reason::no_common_group},
    meaning{SSL_R_UNSUPPORTED_ELLIPTIC_CURVE, reason::no_common_group},
    meaning{SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, reason::no_common_signature},
    meaning{SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, reason::no_common_signature},
    meaning{SSL_R_NO_APPLICATION_PROTOCOL, reason::no_alpn},
    meaning{SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, reason::client_cert_missing},
    meaning{SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, reason::bad_record},
    meaning{SSL_R_DECRYPTION_FAILED, reason::bad_record},
    meaning{SSL_R_BAD_RECORD_TYPE, reason::bad_record},
    meaning{SSL_R_DATA_LENGTH_TOO_LONG, reason::bad_record},
    meaning{SSL_R_ENCRYPTED_LENGTH_TOO_LONG, reason::bad_record},
    meaning{SSL_R_PACKET_LENGTH_TOO_LONG, reason::bad_record},
    meaning{SSL_R_BAD_LENGTH, reason::bad_record},
    meaning{SSL_R_WRONG_VERSION_NUMBER, reason::bad_record},
    meaning{SSL_R_HTTP_REQUEST, reason::plain_http},
    meaning{SSL_R_HTTPS_PROXY_REQUEST, reason::plain_http},
    meaning{SSL_R_UNEXPECTED_EOF_WHILE_READING, reason::peer_closed},
};

reason reason_of(unsigned long error, SSL* ssl) {
    if (error == 0 || ERR_GET_LIB(error) != ERR_LIB_SSL) return reason::internal;
    const int code = ERR_GET_REASON(error);
    if (code > SSL_AD_REASON_OFFSET && code < SSL_AD_REASON_OFFSET + 256) return reason::peer_alert;
    if (code == SSL_R_CERTIFICATE_VERIFY_FAILED) return certificate_reason(SSL_get_verify_result(ssl));
    // Reasons below 100 are OpenSSL's own troubles: no memory, internal error, a callback that failed.
    if (code < 100 || code == ERR_R_MALLOC_FAILURE || code == ERR_R_INTERNAL_ERROR) return reason::internal;
    for (const auto& m : meanings)
        if (m.code == code) return m.why;
    return reason::protocol_error;
}

bool asks_for_another_hello(std::span<const std::uint8_t> message) {
    // The random of a ServerHello that is none: SHA-256 of "HelloRetryRequest" (section 4.1.3).
    constexpr std::array<std::uint8_t, 32> random{0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                                  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                                  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    constexpr std::size_t before_random = 4 + 2;  // the header, the version
    return message.size() > before_random + random.size() &&
           std::ranges::equal(message.subspan(before_random, random.size()), random);
}

}  // namespace

reason certificate_reason(long verify_result) {
    switch (verify_result) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID: return reason::client_cert_expired;
        case X509_V_ERR_CERT_REVOKED: return reason::client_cert_revoked;
        default: return reason::client_cert_untrusted;
    }
}

std::string_view group_name(const char* name) {
    const std::string_view given = name;
    if (given == "x25519") return "X25519";
    if (given == "x448") return "X448";
    return given;
}

facts facts_of(SSL* ssl, more_facts more) {
    facts f;
    f.version = SSL_get_version(ssl);
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl)) f.cipher = SSL_CIPHER_get_name(cipher);
    f.resumed = SSL_session_reused(ssl) == 1;
    // A TLS 1.2 session remembers the group of its first handshake; the resumption itself has used none.
    if (SSL_version(ssl) >= TLS1_3_VERSION || !f.resumed)
        if (const long group = SSL_get_negotiated_group(ssl); group != 0)
            if (const char* name = SSL_group_to_name(ssl, static_cast<int>(group))) f.group = group_name(name);
    const unsigned char* alpn = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &alpn, &length);
    f.alpn.assign(alpn, alpn + length);
    f.client = certs::shown_by_client(ssl, more.client_chain);
    if (more.offers) f.offered = std::make_unique<const offers>(offers_of(ssl));
    return f;
}

bool is_hello_retry_request(std::span<const std::uint8_t> flight) {
    return flight.size() > header_size && asks_for_another_hello(flight.subspan(header_size));
}

bool is_answer_to_hello(std::span<const std::uint8_t> message) {
    return !message.empty() && message.front() == SSL3_MT_SERVER_HELLO && !asks_for_another_hello(message);
}

failure explain_failure(SSL* ssl, phase during) {
    // The first error of the queue is the root; what follows are the callers that passed it on. But a library error
    // below the SSL layer (a bad point, say) is the client's doing when the SSL layer blames the peer on top of it; from
    // 3.2 on one more error of that layer may follow, which says less.
    failure f{party::client, during, reason::internal, {}};
    unsigned long root = ERR_peek_error();
    for (unsigned long error = ERR_get_error(); error != 0 && f.why == reason::internal; error = ERR_get_error()) {
        f.why = reason_of(error, ssl);
        if (f.why != reason::internal) root = error;
    }
    if (f.why == reason::internal) f.by = party::postern;
    if (root != 0) {
        const char* text = ERR_reason_error_string(root);
        f.detail = text != nullptr ? text : "error " + std::to_string(root);
    }
    ERR_clear_error();
    return f;
}

}  // namespace postern::tls
