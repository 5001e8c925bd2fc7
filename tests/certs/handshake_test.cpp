// Whole handshakes in memory with contexts of make_context.
#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

using config::protocol;

const library& shared_library() {
    static const library one;
    return one;
}

std::string key_served(const talk& to) {
    const X509* leaf = SSL_get0_peer_certificate(to.client_end());
    return leaf == nullptr ? "none" : EVP_PKEY_get0_type_name(X509_get0_pubkey(leaf));
}

// Each kind of key with each version.
using what = std::tuple<key_kind, int>;
struct handshakes : ::testing::TestWithParam<what> {};

TEST_P(handshakes, finish_with_a_certificate_that_the_client_verifies) {
    const auto [kind, version] = GetParam();
    const config::ssl settings;
    const auto server = serve(settings, {issued(kind)}, shared_library());
    const client from(version);
    SSL_CTX_set_verify(from.context(), SSL_VERIFY_PEER, nullptr);
    talk with(from, server.get());
    SSL_set1_host(with.client_end(), "localhost");
    EXPECT_TRUE(with.handshake()) << with.client_error() << " / " << with.server_error();
    EXPECT_EQ(SSL_version(with.server_end()), version);
}

INSTANTIATE_TEST_SUITE_P(every_key_and_version, handshakes,
                         ::testing::Combine(::testing::Values(key_kind::ec_p256, key_kind::rsa_2048, key_kind::ed25519),
                                            ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION)));

TEST(handshake, of_two_certificates_the_clients_abilities_choose) {
    const config::ssl settings;
    const auto server = serve(settings, {issued(key_kind::rsa_2048), issued(key_kind::ec_p256)}, shared_library());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const client modern(version);
        talk first(modern, server.get());
        ASSERT_TRUE(first.handshake());
        EXPECT_EQ(key_served(first), "EC");
        const client rsa_only(version);
        SSL_CTX_set1_sigalgs_list(rsa_only.context(), "rsa_pss_rsae_sha256:RSA+SHA256");
        talk second(rsa_only, server.get());
        ASSERT_TRUE(second.handshake());
        EXPECT_EQ(key_served(second), "RSA");
    }
}

TEST(handshake, the_chain_is_sent_behind_the_leaf_and_each_certificate_has_its_own) {
    const auto middle = authority().intermediate("middle");
    const auto leaf = middle.issue({{"localhost"}, key_kind::rsa_2048});
    config::problems found;
    const auto long_chain = parse_identity(0, leaf.certificate + middle.certificate(), leaf.key, {}, found);
    const config::ssl settings;
    const auto server = serve(settings, {long_chain, issued(key_kind::ec_p256)}, shared_library());
    const auto sent = [&](const char* cipher) {
        const client from(TLS1_2_VERSION);
        SSL_CTX_set_verify(from.context(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_cipher_list(from.context(), cipher);
        talk with(from, server.get());
        EXPECT_TRUE(with.handshake()) << with.client_error();
        return sk_X509_num(SSL_get_peer_cert_chain(with.client_end()));
    };
    EXPECT_EQ(sent("ECDHE-RSA-AES128-GCM-SHA256"), 2);
    EXPECT_EQ(sent("ECDHE-ECDSA-AES128-GCM-SHA256"), 1);
}

TEST(handshake, a_protocol_that_is_not_served_is_refused_even_between_two_that_are) {
    config::ssl settings;
    settings.protocols = {protocol::tls_1_0, protocol::tls_1_2};
    settings.ciphers = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256";
    context_plan plan;
    plan.settings = &settings;
    plan.identities = {issued(key_kind::ec_p256)};
    config::problems found;
    const auto server = make_context(plan, shared_library(), found);
    ASSERT_NE(server, nullptr) << lines(found);
    for (const auto& [version, works] : {std::pair{TLS1_VERSION, true}, std::pair{TLS1_1_VERSION, false},
                                         std::pair{TLS1_2_VERSION, true}, std::pair{TLS1_3_VERSION, false}}) {
        const client from(version);
        talk with(from, server.get());
        EXPECT_EQ(with.handshake(), works) << version << ": " << with.client_error() << " / " << with.server_error();
    }
}

TEST(handshake, a_server_of_old_protocols_signs_with_sha1_for_them_alone) {
    config::ssl settings;
    settings.protocols = {protocol::tls_1_1, protocol::tls_1_2};
    settings.ciphers = "ECDHE-RSA-AES128-SHA";
    context_plan plan;
    plan.settings = &settings;
    plan.identities = {issued(key_kind::rsa_2048)};
    config::problems found;
    const auto server = make_context(plan, shared_library(), found);
    ASSERT_NE(server, nullptr) << lines(found);
    const client newer(TLS1_2_VERSION);
    SSL_CTX_set1_sigalgs_list(newer.context(), "RSA+SHA1");
    EXPECT_FALSE(talk(newer, server.get()).handshake());
    EXPECT_TRUE(talk(client(TLS1_1_VERSION), server.get()).handshake());
}

TEST(handshake, the_servers_order_of_ciphers_holds_except_for_clients_that_put_chacha20_first) {
    config::ssl settings;
    const auto chosen = [&](const char* offered) {
        const auto server = serve(settings, {issued(key_kind::ec_p256)}, shared_library());
        const client from;
        SSL_CTX_set_ciphersuites(from.context(), offered);
        talk with(from, server.get());
        EXPECT_TRUE(with.handshake());
        return std::string(SSL_get_cipher_name(with.server_end()));
    };
    const auto aes256_first = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
    const auto chacha_first = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
    EXPECT_EQ(chosen(aes256_first), "TLS_AES_128_GCM_SHA256");
    EXPECT_EQ(chosen(chacha_first), "TLS_CHACHA20_POLY1305_SHA256");
    settings.prefer_server_ciphers = false;
    EXPECT_EQ(chosen(aes256_first), "TLS_AES_256_GCM_SHA384");
}

std::string negotiated(const config::ssl& settings, const std::string& offered, std::string* error = nullptr) {
    const auto server = serve(settings, {issued(key_kind::ec_p256)}, shared_library());
    const client from;
    SSL_CTX_set_alpn_protos(from.context(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
    talk with(from, server.get());
    if (!with.handshake()) {
        if (error != nullptr) *error = with.client_error();
        return "refused";
    }
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(with.client_end(), &chosen, &length);
    return {reinterpret_cast<const char*>(chosen), length};
}

TEST(handshake, the_first_of_our_alpn_protocols_that_the_client_offers_is_chosen) {
    config::ssl settings;
    settings.alpn = {"h2", "http/1.1"};
    EXPECT_EQ(negotiated(settings, "\x08http/1.1\x02h2"), "h2");
    EXPECT_EQ(negotiated(settings, "\x08http/1.1"), "http/1.1");
}

TEST(handshake, a_client_that_offers_only_other_alpn_protocols_is_refused_with_the_alert_for_it) {
    config::ssl settings;
    settings.alpn = {"h2"};
    std::string error;
    EXPECT_EQ(negotiated(settings,
                         "\x03"
                         "ftp",
                         &error),
              "refused");
    EXPECT_EQ(error, "tlsv1 alert no application protocol");
}

TEST(handshake, a_client_without_alpn_and_a_server_without_it_do_not_mind) {
    config::ssl settings;
    EXPECT_EQ(negotiated(settings, "\x02h2"), "");
    settings.alpn = {"h2"};
    EXPECT_EQ(negotiated(settings, ""), "");
}

TEST(handshake, renegotiation_is_refused) {
    const config::ssl settings;
    const auto server = serve(settings, {issued(key_kind::ec_p256)}, shared_library());
    const client from(TLS1_2_VERSION);
    talk with(from, server.get());
    ASSERT_TRUE(with.handshake());
    ASSERT_EQ(SSL_renegotiate(with.client_end()), 1);
    EXPECT_EQ(SSL_do_handshake(with.client_end()), -1);
    char byte = 0;
    EXPECT_EQ(SSL_read(with.server_end(), &byte, 1), -1);
    EXPECT_FALSE(with.handshake());
    EXPECT_EQ(with.client_error(), "no renegotiation");
    EXPECT_EQ(SSL_total_renegotiations(with.server_end()), 0);
}

TEST(handshake, buffer_size_is_the_largest_record) {
    config::ssl settings;
    settings.buffer_size = 4096;
    const auto server = serve(settings, {issued(key_kind::ec_p256)}, shared_library());
    const client from;
    talk with(from, server.get());
    ASSERT_TRUE(with.handshake());
    const std::string text(10000, 'x');
    std::size_t sent = 0;
    while (sent < text.size()) {
        const int now = SSL_write(with.server_end(), text.data() + sent, static_cast<int>(text.size() - sent));
        ASSERT_GT(now, 0);
        sent += static_cast<std::size_t>(now);
    }
    std::vector<char> into(text.size());
    EXPECT_EQ(SSL_read(with.client_end(), into.data(), static_cast<int>(into.size())), 4096);
}

TEST(handshake, the_callers_look_at_the_client_hello_comes_with_its_argument_and_can_refuse) {
    const config::ssl settings;
    int calls = 0;
    context_plan plan;
    plan.settings = &settings;
    plan.identities = {issued(key_kind::ec_p256)};
    plan.client_hello = [](SSL*, int* alert, void* counter) {
        ++*static_cast<int*>(counter);
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_CLIENT_HELLO_ERROR;
    };
    plan.client_hello_arg = &calls;
    const auto server = serve(plan, shared_library());
    const client from;
    talk with(from, server.get());
    EXPECT_FALSE(with.handshake());
    EXPECT_EQ(with.client_error(), "tlsv1 unrecognized name");
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace postern::certs::testing
