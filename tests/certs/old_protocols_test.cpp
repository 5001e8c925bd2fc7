// TLS 1.0 and 1.1, where an operator asks for them: they work, and nothing else gets weaker by it.
#include "certs/policy.hpp"

#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

using config::protocol;
using ::testing::HasSubstr;

const std::vector<identity_ptr>& identities() {
    static const std::vector<identity_ptr> both{issued(key_kind::ec_p256), issued(key_kind::rsa_2048)};
    return both;
}

struct old_protocols : ::testing::Test {
    const library in;
    config::ssl settings;
    config::problems found;

    server_context make(std::vector<protocol> spoken, std::vector<identity_ptr> shown = identities()) {
        settings.protocols = std::move(spoken);
        settings.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:"
                           "ECDHE-RSA-AES128-SHA:AES128-SHA";
        context_plan plan;
        plan.settings = &settings;
        plan.identities = std::move(shown);
        return make_context(plan, in, found);
    }
    server_context with_old() {
        return make({protocol::tls_1_0, protocol::tls_1_1, protocol::tls_1_2, protocol::tls_1_3});
    }
    server_context without() { return make({protocol::tls_1_2, protocol::tls_1_3}); }
};

// Everything about a handshake that settings decide, or why there was none.
std::string agreed(const client& from, SSL_CTX* server) {
    talk with(from, server);
    if (!with.handshake()) return "server: " + with.server_error();
    SSL* end = with.server_end();
    int signature = NID_undef, digest = NID_undef;
    SSL_get_signature_type_nid(end, &signature);
    SSL_get_signature_nid(end, &digest);
    const char* group = SSL_group_to_name(end, static_cast<int>(SSL_get_negotiated_group(end)));
    return std::string(SSL_get_version(end)) + " " + SSL_get_cipher_name(end) + " " + (group != nullptr ? group : "-") +
           " " + OBJ_nid2sn(signature) + " " + OBJ_nid2sn(digest);
}

TEST_F(old_protocols, each_works_with_each_kind_of_key_without_another_setting) {
    const auto server = with_old();
    ASSERT_NE(server, nullptr) << lines(found);
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION})
        for (const char* cipher : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES128-SHA"}) {
            const client from(version);
            SSL_CTX_set_cipher_list(from.context(), cipher);
            talk with(from, server.get());
            EXPECT_TRUE(with.handshake()) << cipher << ": " << with.server_error();
            EXPECT_STREQ(SSL_get_cipher_name(with.server_end()), cipher);
            EXPECT_EQ(SSL_version(with.server_end()), version);
        }
}

TEST_F(old_protocols, without_them_a_client_of_theirs_is_refused) {
    const auto server = without();
    const client from(TLS1_1_VERSION);
    talk with(from, server.get());
    EXPECT_FALSE(with.handshake());
    EXPECT_EQ(with.server_error(), "unsupported protocol");
}

TEST_F(old_protocols, a_gap_between_them_and_the_new_ones_is_kept) {
    const auto server = make({protocol::tls_1_0, protocol::tls_1_3});
    for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION}) {
        const client from(version);
        talk with(from, server.get());
        EXPECT_FALSE(with.handshake());
    }
    for (const int version : {TLS1_VERSION, TLS1_3_VERSION}) {
        const client from(version);
        talk with(from, server.get());
        EXPECT_TRUE(with.handshake()) << with.server_error();
    }
}

TEST_F(old_protocols, sha_1_signs_nothing_in_tls_1_2) {
    const auto server = with_old();
    const client from(TLS1_2_VERSION);
    for (const char* sha1 : {"RSA+SHA1", "ECDSA+SHA1", "RSA+SHA1:ECDSA+SHA1"}) {
        SSL_CTX_set1_sigalgs_list(from.context(), sha1);
        talk with(from, server.get());
        EXPECT_FALSE(with.handshake()) << sha1;
    }
    SSL_CTX_set1_sigalgs_list(from.context(), "RSA+SHA1:RSA+SHA256");
    EXPECT_THAT(agreed(from, server.get()), HasSubstr("SHA256"));
}

TEST_F(old_protocols, a_client_of_tls_1_3_and_one_of_1_2_notice_no_difference) {
    const auto with = with_old();
    const auto usual = without();
    const char* lists[] = {"",
                           "rsa_pss_rsae_sha512:ecdsa_secp256r1_sha256",
                           "RSA+SHA512:rsa_pss_rsae_sha384",
                           "RSA+SHA224:ECDSA+SHA224",
                           "RSA+SHA1:ECDSA+SHA1",
                           "ed25519"};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (const char* signatures : lists)
            for (const char* groups : {"X25519:P-256", "P-521:P-384", "X448"}) {
                const client from(version);
                if (*signatures != '\0') SSL_CTX_set1_sigalgs_list(from.context(), signatures);
                SSL_CTX_set1_groups_list(from.context(), groups);
                EXPECT_EQ(agreed(from, with.get()), agreed(from, usual.get())) << signatures << " " << groups;
            }
}

TEST_F(old_protocols, a_weak_key_is_warned_of_and_shown_to_them) {
    const pkey_ptr weak(EVP_RSA_gen(1024U));
    config::problems of_key;
    const auto id = parse_identity(0, self_signed(weak.get(), "localhost"), pem_of(weak.get()), {}, of_key);
    EXPECT_THAT(lines(of_key), HasSubstr("warning: certificate_key[0]: a weak key (RSA 1024)"));
    EXPECT_EQ(make({protocol::tls_1_2}, {id}), nullptr);
    const auto server = make({protocol::tls_1_1}, {id});
    ASSERT_NE(server, nullptr) << lines(found);
    const client from(TLS1_1_VERSION);
    talk with(from, server.get());
    EXPECT_TRUE(with.handshake()) << with.server_error();
}

}  // namespace
}  // namespace postern::certs::testing
