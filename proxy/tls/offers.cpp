#include "proxy/tls/offers.hpp"

#include "certs/facts.hpp"
#include "proxy/tls/handshake.hpp"

#include <openssl/obj_mac.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

namespace postern::tls {
namespace {

std::string number(unsigned code) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%04x", code & 0xffffU);
    return text.data();
}

void add(std::string& list, std::string_view word) {
    if (!list.empty()) list += ':';
    list += word;
}

std::string session_id(SSL* ssl) {
    unsigned length = 0;
    const SSL_SESSION* session = SSL_get_session(ssl);
    const auto* id = session != nullptr ? SSL_SESSION_get_id(session, &length) : nullptr;
    return certs::hex({id, length});
}

std::string ciphers(SSL* ssl) {
    const unsigned char* raw = nullptr;
    const std::size_t size = SSL_get0_raw_cipherlist(ssl, nullptr);
    const std::size_t bytes = SSL_get0_raw_cipherlist(ssl, &raw);
    std::string list;
    for (std::size_t at = 0; size != 0 && at + size <= bytes; at += size) {
        const SSL_CIPHER* known = SSL_CIPHER_find(ssl, raw + at);
        add(list, known != nullptr ? SSL_CIPHER_get_name(known)
                                   : number(static_cast<unsigned>(raw[at] << 8 | raw[at + size - 1])));
    }
    return list;
}

std::string groups(SSL* ssl) {
    std::vector<int> all(static_cast<std::size_t>(std::max<long>(SSL_get1_groups(ssl, nullptr), 0)));
    if (!all.empty()) SSL_get1_groups(ssl, all.data());
    std::string list;
    for (const int one : all) {
        const bool unknown = (one & TLSEXT_nid_unknown) != 0;
        add(list, unknown ? number(static_cast<unsigned>(one)) : std::string(group_name(OBJ_nid2sn(one))));
    }
    return list;
}

struct scheme {
    unsigned code;
    int key;
    int digest;
    std::string_view name;
};

constexpr std::array schemes{
    scheme{0x0201, EVP_PKEY_RSA, NID_sha1, "rsa_pkcs1_sha1"},
    scheme{0x0203, EVP_PKEY_EC, NID_sha1, "ecdsa_sha1"},
    scheme{0x0401, EVP_PKEY_RSA, NID_sha256, "rsa_pkcs1_sha256"},
    scheme{0x0403, EVP_PKEY_EC, NID_sha256, "ecdsa_secp256r1_sha256"},
    scheme{0x0501, EVP_PKEY_RSA, NID_sha384, "rsa_pkcs1_sha384"},
    scheme{0x0503, EVP_PKEY_EC, NID_sha384, "ecdsa_secp384r1_sha384"},
    scheme{0x0601, EVP_PKEY_RSA, NID_sha512, "rsa_pkcs1_sha512"},
    scheme{0x0603, EVP_PKEY_EC, NID_sha512, "ecdsa_secp521r1_sha512"},
    scheme{0x0804, EVP_PKEY_RSA_PSS, NID_sha256, "rsa_pss_rsae_sha256"},
    scheme{0x0805, EVP_PKEY_RSA_PSS, NID_sha384, "rsa_pss_rsae_sha384"},
    scheme{0x0806, EVP_PKEY_RSA_PSS, NID_sha512, "rsa_pss_rsae_sha512"},
    scheme{0x0807, EVP_PKEY_ED25519, NID_undef, "ed25519"},
    scheme{0x0808, EVP_PKEY_ED448, NID_undef, "ed448"},
    scheme{0x0809, NID_undef, NID_undef, "rsa_pss_pss_sha256"},
    scheme{0x080a, NID_undef, NID_undef, "rsa_pss_pss_sha384"},
    scheme{0x080b, NID_undef, NID_undef, "rsa_pss_pss_sha512"},
};

std::string signatures(SSL* ssl) {
    std::string list;
    const int count = SSL_get_sigalgs(ssl, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
        unsigned char low = 0;
        unsigned char high = 0;
        SSL_get_sigalgs(ssl, i, nullptr, nullptr, nullptr, &low, &high);
        const unsigned code = static_cast<unsigned>(high) << 8 | low;
        const auto* known = std::find_if(schemes.begin(), schemes.end(), [=](const auto& s) { return s.code == code; });
        add(list, known != schemes.end() ? std::string(known->name) : number(code));
    }
    return list;
}

std::string signature(int key, int digest) {
    const bool alone = key == EVP_PKEY_ED25519 || key == EVP_PKEY_ED448;
    for (const auto& s : schemes)
        if (key != NID_undef && s.key == key && (alone || s.digest == digest)) return std::string(s.name);
    return {};
}

std::string our_signature(SSL* ssl) {
    int key = NID_undef;
    int digest = NID_undef;
    SSL_get_signature_type_nid(ssl, &key);
    SSL_get_signature_nid(ssl, &digest);
    return signature(key, digest);
}

std::string signature_of_client(SSL* ssl) {
    int key = NID_undef;
    int digest = NID_undef;
    SSL_get_peer_signature_type_nid(ssl, &key);
    SSL_get_peer_signature_nid(ssl, &digest);
    return signature(key, digest);
}

}  // namespace

offers offers_of(SSL* ssl) {
    offers made{session_id(ssl), ciphers(ssl), groups(ssl), signatures(ssl), {}, {}};
    if (SSL_session_reused(ssl) == 1) return made;
    made.server_signature = our_signature(ssl);
    made.client_signature = signature_of_client(ssl);
    return made;
}

}  // namespace postern::tls
