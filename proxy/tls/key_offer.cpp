#include "proxy/tls/key_offer.hpp"

#include "certs/openssl.hpp"
#include "proxy/tls/key_schedule.hpp"
#include "proxy/tls/provider.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace postern::tls {
namespace {

struct freed {
    void operator()(OSSL_LIB_CTX* c) const { OSSL_LIB_CTX_free(c); }
    void operator()(OSSL_PROVIDER* p) const { OSSL_PROVIDER_unload(p); }
    void operator()(EVP_KDF* k) const { EVP_KDF_free(k); }
    void operator()(EVP_KDF_CTX* c) const { EVP_KDF_CTX_free(c); }
};
template <class T>
using held = std::unique_ptr<T, freed>;

held<EVP_KDF> fetch(OSSL_LIB_CTX* library, const char* query) {
    held<EVP_KDF> kdf(EVP_KDF_fetch(library, OSSL_KDF_NAME_TLS1_3_KDF, query));
    if (!kdf) ERR_clear_error();
    return kdf;
}

bool is_ours(const EVP_KDF* kdf) {
    return kdf != nullptr && std::string_view(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf))) == provider_name;
}

using key_schedule::bytes;
using key = std::vector<std::uint8_t>;

// Empty when it cannot be had.
key derive(EVP_KDF* kdf, const char* digest, int mode, bytes secret, bytes salt_or_data, std::string_view label,
           std::size_t length) {
    const auto octets = [](const char* name, const auto& from) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(reinterpret_cast<const char*>(from.data())),
                                                 from.size());
    };
    constexpr std::string_view prefix = "tls13 ";
    const bool extract = mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    const std::array params{OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest), 0),
                            octets(OSSL_KDF_PARAM_KEY, secret),
                            octets(extract ? OSSL_KDF_PARAM_SALT : OSSL_KDF_PARAM_DATA, salt_or_data),
                            octets(OSSL_KDF_PARAM_PREFIX, prefix),
                            octets(OSSL_KDF_PARAM_LABEL, label),
                            OSSL_PARAM_construct_end()};
    key out(length);
    const held<EVP_KDF_CTX> context(EVP_KDF_CTX_new(kdf));
    if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), params.data()) != 1) out.clear();
    return out;
}

// The handshake secret of RFC 8448 section 3, from the early secret and what the key exchange gave.
constexpr std::array<std::uint8_t, 32> early_secret{0x33, 0xad, 0x0a, 0x1c, 0x60, 0x7e, 0xc0, 0x3b, 0x09, 0xe6, 0xcd,
                                                    0x98, 0x93, 0x68, 0x0c, 0xe2, 0x10, 0xad, 0xf3, 0x00, 0xaa, 0x1f,
                                                    0x26, 0x60, 0xe1, 0xb2, 0x2e, 0x10, 0xf1, 0x70, 0xf9, 0x2a};
constexpr std::array<std::uint8_t, 32> exchanged{0x8b, 0xd4, 0x05, 0x4f, 0xb5, 0x5b, 0x9d, 0x63, 0xfd, 0xfb, 0xac,
                                                 0xf9, 0xf0, 0x4b, 0x9f, 0x0d, 0x35, 0xe6, 0xd6, 0x3f, 0x53, 0x75,
                                                 0x63, 0xef, 0xd4, 0x62, 0x72, 0x90, 0x0f, 0x89, 0x49, 0x2d};
constexpr std::array<std::uint8_t, 32> handshake_secret{
    0x1d, 0xc8, 0x26, 0xe9, 0x36, 0x06, 0xaa, 0x6f, 0xdc, 0x0a, 0xad, 0xc1, 0x2f, 0x74, 0x1b, 0x01,
    0x04, 0x6a, 0xa6, 0xb9, 0x9f, 0x69, 0x1e, 0xd2, 0x21, 0xa9, 0xf0, 0xca, 0x04, 0x3f, 0xbe, 0xac};

bool right_for(EVP_KDF* ours, EVP_KDF* openssl, const char* digest, std::size_t size) {
    const auto both = [&](int mode, bytes secret, bytes other, std::string_view label, std::size_t length) {
        auto made = derive(ours, digest, mode, secret, other, label, length);
        if (made != derive(openssl, digest, mode, secret, other, label, length)) made.clear();
        return made;
    };
    const auto salt = both(EVP_KDF_HKDF_MODE_EXPAND_ONLY, early_secret, exchanged, "c e traffic", size);
    const auto secret = both(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, exchanged, salt, "derived", size);
    return !both(EVP_KDF_HKDF_MODE_EXPAND_ONLY, secret, salt, "key", 16).empty();
}

}  // namespace

std::string test_key_schedule(OSSL_provider_init_fn* init) {
    const held<OSSL_LIB_CTX> library(OSSL_LIB_CTX_new());
    if (!library || OSSL_PROVIDER_add_builtin(library.get(), provider_name, init) != 1) return "no memory for its test";
    const held<OSSL_PROVIDER> theirs(OSSL_PROVIDER_load(library.get(), "default"));
    const held<OSSL_PROVIDER> own(OSSL_PROVIDER_load(library.get(), provider_name));
    const auto ours = fetch(library.get(), provider_query);
    const auto openssl = fetch(library.get(), "provider=default");
    if (!openssl) return "OpenSSL's default provider does not have TLS13-KDF";
    if (!is_ours(ours.get())) return "the provider cannot be loaded: " + certs::take_errors();
    const auto secret =
        derive(ours.get(), "SHA2-256", EVP_KDF_HKDF_MODE_EXTRACT_ONLY, exchanged, early_secret, "derived", 32);
    const bool right = std::ranges::equal(secret, handshake_secret) &&
                       right_for(ours.get(), openssl.get(), "SHA2-256", 32) &&
                       right_for(ours.get(), openssl.get(), "SHA2-384", 48);
    return right ? "" : "it does not give the keys that RFC 8448 and OpenSSL give";
}

key_offer offer_key_schedule(certs::library& to) {
    if (to.fips()) return {.why = "OpenSSL is confined to FIPS algorithms"};
    static const std::string fault = test_key_schedule(provider_init);
    if (!fault.empty()) return {.broken = true, .why = fault};
    if (auto error = to.add(provider_name, provider_init); !error.empty()) return {.broken = true, .why = error};
    if (is_ours(fetch(to.handle(), provider_query).get())) return {.accepted = true};
    return {.why = "openssl.cnf asks for another provider"};
}

}  // namespace postern::tls
