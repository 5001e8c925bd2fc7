#include "proxy/tls/x25519.hpp"

#include "certs/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace postern::tls {
namespace {

struct free_context {
    void operator()(EVP_PKEY_CTX* c) const { EVP_PKEY_CTX_free(c); }
};
using context_ptr = std::unique_ptr<EVP_PKEY_CTX, free_context>;

constexpr x25519_value base_point{9};

// With whatever public half, which the exchange never looks at: libcrypto would compute the right one, more slowly than
// the exchange itself does it.
certs::pkey_ptr private_key(OSSL_LIB_CTX* library, x25519_value& scalar) {
    auto unused = base_point;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, unused.data(), unused.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, scalar.data(), scalar.size()),
        OSSL_PARAM_construct_end()};
    const context_ptr from(EVP_PKEY_CTX_new_from_name(library, "X25519", nullptr));
    EVP_PKEY* made = nullptr;
    if (!from || EVP_PKEY_fromdata_init(from.get()) != 1 ||
        EVP_PKEY_fromdata(from.get(), &made, EVP_PKEY_KEYPAIR, parameters) != 1)
        return nullptr;
    return certs::pkey_ptr(made);
}

// The scalar's product with the point.
bool multiply(EVP_PKEY_CTX* by, OSSL_LIB_CTX* library, std::span<const std::uint8_t> point, x25519_value& product) {
    const certs::pkey_ptr peer(EVP_PKEY_new_raw_public_key_ex(library, "X25519", nullptr, point.data(), point.size()));
    std::size_t size = product.size();
    return peer && EVP_PKEY_derive_set_peer_ex(by, peer.get(), 0) == 1 &&
           EVP_PKEY_derive(by, product.data(), &size) == 1 && size == product.size();
}

}  // namespace

bool x25519_exchange(OSSL_LIB_CTX* library, std::span<const std::uint8_t> client_share, x25519_value& our_share,
                     x25519_value& secret) {
    x25519_value scalar;
    if (client_share.size() != secret.size() || RAND_priv_bytes_ex(library, scalar.data(), scalar.size(), 0) != 1)
        return false;
    const auto key = private_key(library, scalar);
    OPENSSL_cleanse(scalar.data(), scalar.size());
    const context_ptr by(key ? EVP_PKEY_CTX_new_from_pkey(library, key.get(), nullptr) : nullptr);
    return by && EVP_PKEY_derive_init(by.get()) == 1 && multiply(by.get(), library, base_point, our_share) &&
           multiply(by.get(), library, client_share, secret);
}

}  // namespace postern::tls
