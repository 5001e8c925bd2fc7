#include "proxy/tls/tls13_terms.hpp"

#include "certs/facts.hpp"
#include "certs/shown.hpp"
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
#include <map>
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

std::vector<std::uint8_t> certificate_message(const certs::shown_certificate& shown) {
    std::vector<certs::der> chain{certs::to_der(shown.leaf)};
    for (int i = 0; i < sk_X509_num(shown.issuers); ++i)
        chain.push_back(certs::to_der(sk_X509_value(shown.issuers, i)));
    std::vector<std::uint8_t> message;
    add_certificate(message, chain);
    return message;
}

bool add_signer(std::vector<tls13_signer>& to, const certs::shown_certificate& shown,
                const certs::session_rules& rules) {
    const auto* const by = shown.key == nullptr ? nullptr : scheme_of(shown.key);
    if (by == nullptr || EVP_PKEY_get_size(shown.key) > int{sizeof(tls13_signer::signature)} ||
        EVP_PKEY_up_ref(shown.key) != 1)
        return false;
    tls13_signer made;
    made.key.reset(shown.key);
    made.scheme = by->number;
    made.digest = by->digest;
    made.libctx = rules.libctx;
    made.properties = rules.properties;
    made.certificate = certificate_message(shown);
    const auto stapled = std::ranges::find(rules.stapled, shown.leaf, &certs::stapled_certificate::leaf);
    if (stapled != rules.stapled.end()) made.staple = stapled->slot;
    to.push_back(std::move(made));
    return true;
}

std::vector<certs::shown_certificate> own_certificates(SSL_CTX* context) {
    std::vector<certs::shown_certificate> all;
    bool more = SSL_CTX_set_current_cert(context, SSL_CERT_SET_FIRST) == 1;
    while (more) {
        STACK_OF(X509)* issuers = nullptr;
        SSL_CTX_get0_chain_certs(context, &issuers);
        all.push_back({SSL_CTX_get0_certificate(context), issuers, SSL_CTX_get0_privatekey(context)});
        more = SSL_CTX_set_current_cert(context, SSL_CERT_SET_NEXT) == 1;
    }
    SSL_CTX_set_current_cert(context, SSL_CERT_SET_FIRST);
    return all;
}

// All of these, or none.
std::vector<certs::shown_certificate> certificates_of(SSL_CTX* context, const std::vector<std::size_t>& identities) {
    std::vector<certs::shown_certificate> all;
    for (const auto i : identities) {
        const auto one = certs::show_identity(context, i);
        if (!one) return {};
        all.push_back(*one);
    }
    return all;
}

// Of all, or none.
std::vector<tls13_signer> signers_of(const std::vector<certs::shown_certificate>& shown,
                                     const certs::session_rules& rules) {
    std::vector<tls13_signer> all;
    for (const auto& one : shown)
        if (!add_signer(all, one, rules)) return {};
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

// Of a context.
struct all_terms {
    tls13_terms own;                                        // with the certificates that are shown for want of a name
    std::map<std::vector<std::size_t>, tls13_terms> named;  // ... and with those that names have been shown
};

std::shared_ptr<all_terms> make(SSL_CTX* context, const certs::session_rules& rules) {
    auto all = std::make_shared<all_terms>();
    auto* const made = &all->own;
    made->rules = &rules;
    // Tickets that libssl seals with keys of its own, only it can open.
    const bool no_foreign_tickets = rules.tickets.keys || (SSL_CTX_get_options(context) & SSL_OP_NO_TICKET) != 0;
    const bool can = rules.own_handshake && !rules.sessions_by_id && no_foreign_tickets && is_plain(context) &&
                     speaks(context) && keys_are_ours(rules);
    if (!can) return all;
    const auto* ciphers = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i)
        if (const auto id = SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(ciphers, i)); id >> 8 == 0x13)
            made->suites.push_back(id);
    made->our_order = (SSL_CTX_get_options(context) & SSL_OP_CIPHER_SERVER_PREFERENCE) != 0;
    made->chacha_first = (SSL_CTX_get_options(context) & SSL_OP_PRIORITIZE_CHACHA) != 0;
    made->signers = signers_of(own_certificates(context), rules);
    return all;
}

const tls13_terms* if_any(const tls13_terms& terms) {
    return terms.suites.empty() || terms.signers.empty() ? nullptr : &terms;
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

const tls13_terms* tls13_terms::of(SSL_CTX* context, std::string_view name) {
    auto& rules = certs::session_rules::of(context);
    if (!rules.terms) {
        rules.terms = make(context, rules);
        ERR_clear_error();
    }
    auto& all = *static_cast<all_terms*>(rules.terms.get());
    const auto shown = certs::identities_for(context, name);
    if (shown.empty() || all.own.suites.empty()) return if_any(all.own);
    const auto [at, fresh] = all.named.try_emplace(shown);
    if (fresh) {
        const auto& own = all.own;
        at->second = {own.suites, own.our_order, own.chacha_first, signers_of(certificates_of(context, shown), rules),
                      own.rules};
        ERR_clear_error();
    }
    return if_any(at->second);
}

}  // namespace postern::tls
