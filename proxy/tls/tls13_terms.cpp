#include "proxy/tls/tls13_terms.hpp"

#include "certs/facts.hpp"
#include "proxy/tls/numbers.hpp"
#include "proxy/tls/provider.hpp"
#include "proxy/tls/tls13_flight.hpp"

#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace postern::tls {
namespace {

using namespace signature_scheme;

struct scheme {
    std::uint16_t number;
    const char* key;    // EVP_PKEY_is_a
    const char* group;  // of an EC key; null: of another
    const char* digest;
};
// Those of RFC 8446 section 4.2.3 that a key of ours signs with, in the order of libssl's own list.
constexpr std::array schemes{scheme{ecdsa_secp256r1_sha256, "EC", "prime256v1", "SHA256"},
                             scheme{ecdsa_secp384r1_sha384, "EC", "secp384r1", "SHA384"},
                             scheme{ed25519, "ED25519", nullptr, nullptr},
                             scheme{rsa_pss_rsae_sha256, "RSA", nullptr, "SHA256"}};

const scheme* scheme_of(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    const auto fits = [&](const scheme& s) {
        if (EVP_PKEY_is_a(key, s.key) != 1) return false;
        return s.group == nullptr || (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
                                      std::string_view(group.data()) == s.group);
    };
    const auto* const found = std::ranges::find_if(schemes, fits);
    return found == schemes.end() ? nullptr : found;
}

// Of the context's current certificate.
std::vector<std::uint8_t> certificate_message(SSL_CTX* context) {
    std::vector<certs::der> chain{certs::to_der(SSL_CTX_get0_certificate(context))};
    STACK_OF(X509)* issuers = nullptr;
    SSL_CTX_get0_chain_certs(context, &issuers);
    for (int i = 0; i < sk_X509_num(issuers); ++i) chain.push_back(certs::to_der(sk_X509_value(issuers, i)));
    std::vector<std::uint8_t> message;
    add_certificate(message, chain);
    return message;
}

bool add_signer(std::vector<tls13_signer>& to, SSL_CTX* context, const certs::session_rules& rules) {
    EVP_PKEY* const key = SSL_CTX_get0_privatekey(context);
    const auto* const by = key == nullptr ? nullptr : scheme_of(key);
    if (by == nullptr || EVP_PKEY_get_size(key) > int{sizeof(tls13_signer::signature)} || EVP_PKEY_up_ref(key) != 1)
        return false;
    tls13_signer made;
    made.key.reset(key);
    made.scheme = by->number;
    made.digest = by->digest;
    made.libctx = rules.libctx;
    made.properties = rules.properties;
    made.certificate = certificate_message(context);
    const auto stapled =
        std::ranges::find(rules.stapled, SSL_CTX_get0_certificate(context), &certs::stapled_certificate::leaf);
    if (stapled != rules.stapled.end()) made.staple = stapled->slot;
    to.push_back(std::move(made));
    return true;
}

// All of the context's certificates, or none.
std::vector<tls13_signer> signers_of(SSL_CTX* context, const certs::session_rules& rules) {
    std::vector<tls13_signer> all;
    bool more = SSL_CTX_set_current_cert(context, SSL_CERT_SET_FIRST) == 1;
    while (more) {
        if (!add_signer(all, context, rules)) return {};
        more = SSL_CTX_set_current_cert(context, SSL_CERT_SET_NEXT) == 1;
    }
    SSL_CTX_set_current_cert(context, SSL_CERT_SET_FIRST);
    std::ranges::sort(all, {}, [](const tls13_signer& s) {
        return std::ranges::find(schemes, s.scheme, &scheme::number) - schemes.begin();
    });
    return all;
}

// What libssl weighs in each handshake, and nothing here does: a security level that asks for more than 128 bits, Suite B,
// and a client's certificate that openssl.cnf asks for.
bool is_plain(SSL_CTX* context) {
    constexpr int highest_level = 3;
    constexpr long strict = SSL_CERT_FLAG_SUITEB_128_LOS | SSL_CERT_FLAG_TLS_STRICT;
    const long flags = SSL_CTX_ctrl(context, SSL_CTRL_CERT_FLAGS, 0, nullptr);
    return SSL_CTX_get_security_level(context) <= highest_level && (flags & strict) == 0 &&
           SSL_CTX_get_verify_mode(context) == SSL_VERIFY_NONE;
}

// Whose keys does this context get from libcrypto?
bool keys_are_ours(const certs::session_rules& rules) {
    EVP_KDF* const kdf = EVP_KDF_fetch(rules.libctx, "TLS13-KDF", rules.properties);
    if (kdf == nullptr) return false;
    const bool ours = std::string_view(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf))) == provider_name;
    EVP_KDF_free(kdf);
    return ours;
}

bool speaks(SSL_CTX* context) {
    const long highest = SSL_CTX_get_max_proto_version(context);
    return (SSL_CTX_get_options(context) & SSL_OP_NO_TLSv1_3) == 0 && (highest == 0 || highest >= TLS1_3_VERSION);
}

std::shared_ptr<tls13_terms> make(SSL_CTX* context, const certs::session_rules& rules) {
    auto made = std::make_shared<tls13_terms>();
    made->rules = &rules;
    // Tickets that libssl seals with keys of its own, only it can open.
    const bool no_foreign_tickets = rules.tickets.keys || (SSL_CTX_get_options(context) & SSL_OP_NO_TICKET) != 0;
    const bool can = rules.own_handshake && rules.named == nullptr && !rules.sessions_by_id && no_foreign_tickets &&
                     is_plain(context) && speaks(context) && keys_are_ours(rules);
    if (!can) return made;
    const auto* all = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i)
        if (const auto id = SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(all, i)); id >> 8 == 0x13)
            made->suites.push_back(id);
    made->our_order = (SSL_CTX_get_options(context) & SSL_OP_CIPHER_SERVER_PREFERENCE) != 0;
    made->chacha_first = (SSL_CTX_get_options(context) & SSL_OP_PRIORITIZE_CHACHA) != 0;
    made->signers = signers_of(context, rules);
    return made;
}

}  // namespace

std::span<const std::uint8_t> tls13_signer::sign(std::span<const std::uint8_t> content, signature& room) const {
    struct free_digest {
        void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
    };
    const std::unique_ptr<EVP_MD_CTX, free_digest> with(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    if (!with || EVP_DigestSignInit_ex(with.get(), &options, digest, libctx, properties, key.get(), nullptr) != 1)
        return {};
    if (scheme == signature_scheme::rsa_pss_rsae_sha256 &&
        (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1))
        return {};
    std::size_t size = room.size();
    if (EVP_DigestSign(with.get(), room.data(), &size, content.data(), content.size()) != 1) return {};
    return std::span(room).first(size);
}

const tls13_terms* tls13_terms::of(SSL_CTX* context) {
    auto& rules = certs::session_rules::of(context);
    if (!rules.terms) {
        rules.terms = make(context, rules);
        ERR_clear_error();
    }
    const auto* const made = static_cast<const tls13_terms*>(rules.terms.get());
    return made->suites.empty() || made->signers.empty() ? nullptr : made;
}

}  // namespace postern::tls
