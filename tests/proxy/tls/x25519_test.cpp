// The key exchange against libcrypto's own, whole.
#include "certs/openssl.hpp"
#include "proxy/tls/x25519.hpp"

#include <openssl/err.h>

#include <gtest/gtest.h>

#include <vector>

using namespace postern;
using namespace postern::tls;

namespace {

certs::pkey_ptr other_side() { return certs::pkey_ptr(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")); }

std::vector<std::uint8_t> secret_with(EVP_PKEY* own, const x25519_value& share) {
    const certs::pkey_ptr peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, share.data(), share.size()));
    EVP_PKEY_CTX* const by = EVP_PKEY_CTX_new(own, nullptr);
    std::vector<std::uint8_t> secret(32);
    std::size_t size = secret.size();
    EXPECT_EQ(EVP_PKEY_derive_init(by), 1);
    EXPECT_EQ(EVP_PKEY_derive_set_peer(by, peer.get()), 1);
    EXPECT_EQ(EVP_PKEY_derive(by, secret.data(), &size), 1);
    EVP_PKEY_CTX_free(by);
    return secret;
}

}  // namespace

TEST(x25519, both_sides_come_to_the_same_secret_and_each_time_to_another) {
    x25519_value before{};
    for (int i = 0; i < 50; ++i) {
        const auto other = other_side();
        x25519_value theirs;
        std::size_t size = theirs.size();
        ASSERT_EQ(EVP_PKEY_get_raw_public_key(other.get(), theirs.data(), &size), 1);
        x25519_value share;
        x25519_value secret;
        ASSERT_TRUE(x25519_exchange(nullptr, theirs, share, secret));
        EXPECT_EQ(secret_with(other.get(), share), std::vector<std::uint8_t>(secret.begin(), secret.end()));
        EXPECT_NE(share, before);
        before = share;
    }
}

// Of small order: whoever sends them knows the secret (RFC 7748 section 6.1).
TEST(x25519, a_share_that_makes_the_secret_zero_is_refused) {
    x25519_value one{1};
    for (const auto& share : {x25519_value{}, one}) {
        x25519_value ours;
        x25519_value secret;
        EXPECT_FALSE(x25519_exchange(nullptr, share, ours, secret));
        ERR_clear_error();
    }
}

TEST(x25519, a_share_of_another_length_is_refused) {
    const std::vector<std::uint8_t> shares(33, 9);
    x25519_value ours;
    x25519_value secret;
    for (const std::size_t size : {0U, 31U, 33U})
        EXPECT_FALSE(x25519_exchange(nullptr, std::span(shares).first(size), ours, secret));
}
