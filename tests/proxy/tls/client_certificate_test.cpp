// What an engine knows of its client when the handshake is done, and that knowing it costs nothing afterwards.
#include "engine_pair.hpp"
#include "tests/certs/pki.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;
using certs::testing::signer;

namespace {

const signer& root() {
    static const signer one("clients' root");
    return one;
}

struct asked : ::testing::TestWithParam<int> {
    certs::testing::folder files;
    config::ssl settings;

    void SetUp() override {
        settings.verify_client = config::verify_mode::on;
        settings.client_certificate = files.write("ca.crt", root().pem());
    }

    test_pair::pair connect_with(X509* leaf) const {
        auto context = make_client(GetParam(), GetParam());
        if (leaf != nullptr) {
            SSL_CTX_use_certificate(context.get(), leaf);
            SSL_CTX_use_PrivateKey(context.get(), certs::testing::client_key());
        }
        return connect(make_server(settings), std::move(context));
    }
};

}  // namespace

TEST_P(asked, a_certificate_is_known_when_the_handshake_is_done) {
    const auto p = connect_with(root().issue().get());
    const auto known = p.server->agreed();
    ASSERT_TRUE(known.client);
    EXPECT_EQ(known.client->subject, "CN=alice");
    EXPECT_EQ(known.client->verify_result, X509_V_OK);
    EXPECT_EQ(known.offered, nullptr) << "nobody has asked for it";
}

TEST_P(asked, a_handshake_is_finished_whatever_is_wrong_with_the_certificate) {
    EXPECT_FALSE(connect_with(nullptr).server->agreed().client);
    const auto p = connect_with(root().issue({.begins = -7200, .ends = -3600}).get());
    const auto known = p.server->agreed();
    ASSERT_TRUE(known.client);
    EXPECT_EQ(certificate_reason(known.client->verify_result), reason::client_cert_expired);
}

TEST_P(asked, a_silent_connection_keeps_no_more_than_without_a_certificate) {
    auto p = connect_with(root().issue().get());
    p.peer->say("question");
    std::string text;
    static_cast<void>(hear(*p.server, p.peer->sent(), text));
    p.peer->hear(say(*p.server, "answer").output);
    EXPECT_EQ(p.peer->heard(), "answer");
    p.server->fell_silent();
    EXPECT_EQ(p.server->handed_over(), GetParam() == TLS1_3_VERSION);
    p.peer->say("again");
    static_cast<void>(hear(*p.server, p.peer->sent(), text));
    EXPECT_EQ(text, "questionagain");
    p.peer->hear(say(*p.server, "and again").output);
    EXPECT_EQ(p.peer->heard(), "and again");
}

TEST_P(asked, what_was_offered_and_signed_is_told_to_who_asks) {
    auto context = make_client(GetParam(), GetParam());
    SSL_CTX_set_cipher_list(context.get(), "ECDHE-ECDSA-AES128-GCM-SHA256");
    SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
    SSL_CTX_set1_groups_list(context.get(), "P-256:X25519");
    SSL_CTX_set1_sigalgs_list(context.get(), "ECDSA+SHA256:RSA-PSS+SHA256:ed25519");
    SSL_CTX_use_certificate(context.get(), root().issue().get());
    SSL_CTX_use_PrivateKey(context.get(), certs::testing::client_key());
    const auto p = connect(make_server(settings), std::move(context));
    const auto known = p.server->agreed({.offers = true});
    ASSERT_TRUE(known.offered);
    const bool newest = GetParam() == TLS1_3_VERSION;
    // Before OpenSSL 3.5 TLS_EMPTY_RENEGOTIATION_INFO_SCSV follows.
    EXPECT_TRUE(known.offered->ciphers.starts_with(newest ? "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
                                                          : "ECDHE-ECDSA-AES128-GCM-SHA256"));
    EXPECT_EQ(known.offered->groups, "prime256v1:X25519");
    EXPECT_EQ(known.offered->signatures, "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:ed25519");
    EXPECT_EQ(known.offered->server_signature, "ecdsa_secp256r1_sha256");
    EXPECT_EQ(known.offered->client_signature, "ecdsa_secp256r1_sha256");
    EXPECT_TRUE(std::all_of(known.offered->session_id.begin(), known.offered->session_id.end(),
                            [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }));
}

INSTANTIATE_TEST_SUITE_P(versions, asked, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });
