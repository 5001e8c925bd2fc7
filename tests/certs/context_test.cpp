#include "certs/context.hpp"

#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

struct contexts : ::testing::Test {
    const library in;
    config::ssl settings;
    config::problems found;

    server_context make(std::vector<identity_ptr> identities) {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = std::move(identities);
        return make_context(plan, in, found);
    }
};

TEST_F(contexts, a_server_without_certificate_is_refused_unless_it_rejects_every_handshake) {
    EXPECT_EQ(make({}), nullptr);
    EXPECT_EQ(lines(found), "certificate: a TLS server needs one\n");
    found.clear();
    settings.reject_handshake = true;
    EXPECT_NE(make({}), nullptr);
    EXPECT_EQ(lines(found), "");
}

TEST_F(contexts, a_second_certificate_with_the_same_kind_of_key_and_the_same_names_is_refused) {
    EXPECT_EQ(make({issued(key_kind::ec_p256), issued(key_kind::rsa_2048), issued(key_kind::ec_p256)}), nullptr);
    EXPECT_EQ(lines(found), "certificate[2]: a second certificate with the same kind of key, and no name of its own "
                            "(found: EC prime256v1); allowed: one with RSA and one with EC, for instance, or other "
                            "names\n");
}

TEST_F(contexts, a_key_too_weak_for_the_security_level_is_refused_with_openssls_reason) {
    const pkey_ptr weak(EVP_RSA_gen(512U));
    const auto id = parse_identity(0, self_signed(weak.get(), "localhost"), pem_of(weak.get()), {}, found);
    found.clear();
    EXPECT_EQ(make({id}), nullptr);
    EXPECT_EQ(lines(found), "certificate[0]: OpenSSL refuses it: ee key too small\n");
}

TEST_F(contexts, problems_found_before_do_not_prevent_a_context) {
    found.push_back({config::severity::error, {}, "elsewhere", "an error of another server", {}, {}, {}});
    EXPECT_NE(make({issued(key_kind::ec_p256)}), nullptr);
    EXPECT_EQ(found.size(), 1U);
}

TEST_F(contexts, a_name_that_alpn_cannot_carry_is_refused) {
    for (const auto& name : {std::string(), std::string(256, 'x')}) {
        found.clear();
        settings.alpn = {name};
        EXPECT_EQ(make({issued(key_kind::ec_p256)}), nullptr);
        EXPECT_THAT(lines(found), ::testing::StartsWith("alpn: no protocol name"));
    }
}

TEST_F(contexts, truncation_renegotiation_and_compression_are_guarded_against_without_any_setting) {
    const auto made = make({issued(key_kind::ec_p256)});
    const auto options = SSL_CTX_get_options(made.get());
    EXPECT_EQ(options & SSL_OP_IGNORE_UNEXPECTED_EOF, 0U);
    EXPECT_EQ(options & SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, 0U);
    EXPECT_NE(options & SSL_OP_NO_RENEGOTIATION, 0U);
    EXPECT_NE(options & SSL_OP_NO_COMPRESSION, 0U);
}

TEST_F(contexts, idle_connections_keep_no_buffers_and_chains_are_sent_as_configured) {
    const auto made = make({issued(key_kind::ec_p256)});
    const auto mode = SSL_CTX_get_mode(made.get());
    for (const auto wanted : {SSL_MODE_RELEASE_BUFFERS, SSL_MODE_NO_AUTO_CHAIN, SSL_MODE_ENABLE_PARTIAL_WRITE,
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER})
        EXPECT_EQ(mode & wanted, wanted);
    EXPECT_EQ(SSL_CTX_get_read_ahead(made.get()), 0);
}

}  // namespace
}  // namespace postern::certs::testing
