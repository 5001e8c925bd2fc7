#include "certs/policy.hpp"

#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace postern::certs::testing {
namespace {

using config::protocol;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What make_context says of these settings.
struct policy : ::testing::Test {
    const library in;
    config::ssl settings;
    config::problems found;

    server_context make() {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {issued(key_kind::ec_p256)};
        return make_context(plan, in, found);
    }
    std::string described() {
        const auto context = make();
        return context ? describe_policy(context.get()) : lines(found);
    }
    [[nodiscard]] std::string said() const { return lines(found); }
};

// The server's groups in its order of preference, as a handshake shows them.
std::string groups_of(SSL_CTX* server, const library& in) {
    const client from(TLS1_2_VERSION);
    // Backwards, so that it is not the client's order that comes out.
    std::string offered;
    for (const auto& group : known_groups(in)) offered = group + (offered.empty() ? "" : ":") + offered;
    SSL_CTX_set1_groups_list(from.context(), offered.c_str());
    talk with(from, server);
    EXPECT_TRUE(with.handshake()) << with.server_error();
    std::string names;
    for (int i = 0; SSL_get_shared_group(with.server_end(), i) > 0; ++i)
        names += std::string(SSL_group_to_name(with.server_end(),
                                               static_cast<int>(SSL_get_shared_group(with.server_end(), i)))) +
                 "\n";
    return names;
}

TEST_F(policy, the_default_is_what_it_was_when_last_looked_at) {
    EXPECT_EQ(described(), "protocols: TLSv1.2 TLSv1.3\n"
                           "TLSv1.3 TLS_AES_128_GCM_SHA256\n"
                           "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256\n"
                           "TLSv1.3 TLS_AES_256_GCM_SHA384\n"
                           "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256\n"
                           "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256\n"
                           "TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305\n"
                           "TLSv1.2 ECDHE-RSA-CHACHA20-POLY1305\n"
                           "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384\n"
                           "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384\n");
    EXPECT_EQ(said(), "");
}

TEST_F(policy, the_groups_chosen_automatically_begin_with_x25519_or_a_hybrid_of_it) {
    const auto server = make();
    EXPECT_EQ(groups_of(server.get(), in), "x25519\nsecp256r1\nsecp384r1\n");
    const auto all = known_groups(in);
    const auto hybrid = std::find(all.begin(), all.end(), "X25519MLKEM768");
    EXPECT_TRUE(hybrid == all.begin() || hybrid == all.end());
}

TEST_F(policy, the_signatures_it_makes_by_default_are_what_they_were_when_last_looked_at) {
    const auto server =
        serve(settings, {issued(key_kind::ec_p256), issued(key_kind::rsa_2048), issued(key_kind::ed25519)}, in);
    std::string made;
    for (const char* name :
         {"ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ed25519", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384",
          "rsa_pss_rsae_sha512", "RSA+SHA256", "RSA+SHA384", "RSA+SHA512", "RSA+SHA224", "RSA+SHA1", "ECDSA+SHA1"})
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            const client from(version);
            SSL_CTX_set1_sigalgs_list(from.context(), name);
            talk with(from, server.get());
            if (with.handshake()) made += std::string(SSL_get_version(with.server_end())) + " " + name + "\n";
        }
    EXPECT_EQ(made, "TLSv1.2 ecdsa_secp256r1_sha256\n"
                    "TLSv1.3 ecdsa_secp256r1_sha256\n"
                    "TLSv1.2 ecdsa_secp384r1_sha384\n"
                    "TLSv1.2 ed25519\n"
                    "TLSv1.3 ed25519\n"
                    "TLSv1.2 rsa_pss_rsae_sha256\n"
                    "TLSv1.3 rsa_pss_rsae_sha256\n"
                    "TLSv1.2 rsa_pss_rsae_sha384\n"
                    "TLSv1.3 rsa_pss_rsae_sha384\n"
                    "TLSv1.2 rsa_pss_rsae_sha512\n"
                    "TLSv1.3 rsa_pss_rsae_sha512\n"
                    "TLSv1.2 RSA+SHA256\n"
                    "TLSv1.2 RSA+SHA384\n"
                    "TLSv1.2 RSA+SHA512\n"
                    "TLSv1.2 RSA+SHA224\n");
}

TEST_F(policy, nginx_default_ciphers_mean_here_what_they_mean_there) {
    settings.ciphers = "HIGH:!aNULL:!MD5";
    EXPECT_THAT(described(), HasSubstr("TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384\n"));
    EXPECT_EQ(said(), "");
}

TEST_F(policy, a_misspelt_cipher_is_refused_although_the_rest_of_the_list_is_known) {
    settings.ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GMC-SHA384";
    EXPECT_EQ(make(), nullptr);
    EXPECT_EQ(said(), "ciphers: a cipher that this build does not know (found: ECDHE-RSA-AES256-GMC-SHA384); allowed: "
                      "OpenSSL's cipher names and groups; `openssl ciphers -v` shows what a list means\n");
}

TEST_F(policy, a_tls_1_3_suite_among_the_ciphers_is_sent_to_its_own_key) {
    settings.ciphers = "ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256";
    EXPECT_EQ(make(), nullptr);
    EXPECT_THAT(said(), StartsWith("ciphers: a suite of TLS 1.3, which belongs in ciphersuites "
                                   "(found: TLS_AES_128_GCM_SHA256)"));
}

TEST_F(policy, excluding_what_this_build_does_not_have_draws_a_warning_only_when_the_word_is_strange) {
    settings.ciphers = "HIGH:!RC4:!EXPORT:!aNULL:!SEED-SHA2:@STRENGTH";
    EXPECT_NE(make(), nullptr);
    EXPECT_EQ(said(),
              "warning: ciphers: nothing to exclude: a cipher that this build does not have (found: !SEED-SHA2)\n");
}

TEST_F(policy, a_list_of_known_words_that_leaves_no_cipher_is_refused) {
    for (const char* list : {"aNULL", "", "HIGH:!ALL"}) {
        found.clear();
        settings.ciphers = list;
        EXPECT_EQ(make(), nullptr) << list;
        EXPECT_THAT(said(), StartsWith("ciphers: no usable cipher is left: ")) << list;
    }
}

TEST_F(policy, the_ciphers_do_not_matter_to_a_server_of_tls_1_3_alone) {
    settings.protocols = {protocol::tls_1_3};
    settings.ciphers = "nonsense";
    EXPECT_NE(make(), nullptr);
    EXPECT_EQ(said(), "");
}

TEST_F(policy, an_unknown_suite_is_named) {
    settings.ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_512_GCM";
    EXPECT_EQ(make(), nullptr);
    EXPECT_EQ(said(), "ciphersuites: a TLS 1.3 suite that this build does not know (found: TLS_AES_512_GCM); allowed: "
                      "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256\n");
}

TEST_F(policy, no_suite_at_all_is_refused) {
    settings.ciphersuites = "";
    EXPECT_EQ(make(), nullptr);
    EXPECT_THAT(said(), StartsWith("ciphersuites: no suite is left for TLSv1.3"));
}

TEST_F(policy, an_unknown_group_is_refused_with_a_list_of_this_builds_groups) {
    settings.ecdh_curve = "X25519:P-257";
    EXPECT_EQ(make(), nullptr);
    EXPECT_THAT(said(),
                StartsWith("ecdh_curve: a group that this build does not know (found: P-257); allowed: auto, or of "));
    EXPECT_THAT(said(), HasSubstr("X25519, prime256v1, secp384r1, secp521r1"));
}

TEST_F(policy, an_unknown_group_with_a_question_mark_is_skipped) {
    settings.ecdh_curve = "?P-257:P-384:?X25519";
    const auto server = make();
    ASSERT_NE(server, nullptr) << said();
    EXPECT_EQ(groups_of(server.get(), in), "secp384r1\nx25519\n");
}

TEST_F(policy, a_list_that_leaves_no_group_is_refused) {
    for (const char* list : {"", "?P-257"}) {
        found.clear();
        settings.ecdh_curve = list;
        EXPECT_EQ(make(), nullptr) << list;
        EXPECT_THAT(said(), StartsWith("ecdh_curve: no group is left")) << list;
    }
}

TEST_F(policy, no_protocol_at_all_is_refused) {
    settings.protocols.clear();
    EXPECT_EQ(make(), nullptr);
    EXPECT_THAT(said(), StartsWith("protocols: no protocol is left"));
}

TEST_F(policy, old_protocols_draw_a_warning_and_another_when_no_cipher_works_with_them) {
    settings.protocols = {protocol::tls_1_0, protocol::tls_1_2};
    EXPECT_NE(make(), nullptr);
    EXPECT_THAT(said(), StartsWith("warning: protocols: TLSv1 and TLSv1.1 are broken and deprecated (RFC 8996)\n"
                                   "warning: ciphers: no cipher of this list works with TLSv1 or TLSv1.1 (found: "));
}

TEST_F(policy, old_protocols_let_in_no_cipher_without_authentication_or_encryption) {
    settings.protocols = {protocol::tls_1_0, protocol::tls_1_2};
    settings.ciphers = "ALL:COMPLEMENTOFALL:eNULL:aNULL";
    const auto context = make();
    ASSERT_NE(context, nullptr) << said();
    const auto* all = SSL_CTX_get_ciphers(context.get());
    ASSERT_GT(sk_SSL_CIPHER_num(all), 0);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const auto* cipher = sk_SSL_CIPHER_value(all, i);
        EXPECT_NE(SSL_CIPHER_get_auth_nid(cipher), NID_auth_null) << SSL_CIPHER_get_name(cipher);
        EXPECT_NE(SSL_CIPHER_get_cipher_nid(cipher), NID_undef) << SSL_CIPHER_get_name(cipher);
    }
}

TEST_F(policy, only_a_server_of_old_protocols_gives_up_the_security_level) {
    const auto usual = make();
    EXPECT_GE(SSL_CTX_get_security_level(usual.get()), 1);
    settings.protocols = {protocol::tls_1_1};
    settings.ciphers = "ECDHE-ECDSA-AES128-SHA";
    const auto old = make();
    EXPECT_EQ(SSL_CTX_get_security_level(old.get()), 0);
}

}  // namespace
}  // namespace postern::certs::testing
