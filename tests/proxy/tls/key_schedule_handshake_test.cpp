// Whole handshakes of a server with our key schedule and a client with OpenSSL's: they agree, or nothing works.
#include "kdf.hpp"

#include "proxy/tls/key_offer.hpp"
#include "proxy/tls/provider.hpp"

#include "tests/certs/support.hpp"

#include <openssl/provider.h>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include <cstdlib>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::testing;
using certs::testing::client;
using certs::testing::issued;
using certs::testing::talk;

namespace {

constexpr const char* suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};

const certs::library& library() {
    static const certs::library made = [] {
        certs::library l;
        EXPECT_EQ(offer_key_schedule(l).why, "");
        return l;
    }();
    return made;
}

certs::server_context serve(const config::ssl& settings, const char* properties = provider_query) {
    certs::context_plan plan;
    plan.settings = &settings;
    plan.identities = {issued(certs::key_kind::ec_p256)};
    plan.properties = properties;
    return certs::testing::serve(plan, library());
}

config::ssl only(const char* suite) {
    config::ssl settings;
    settings.ciphersuites = suite;
    return settings;
}

octets exported(SSL* end, const std::string& label, std::size_t length) {
    octets made(length);
    const octets context{1, 2, 3};
    EXPECT_EQ(SSL_export_keying_material(end, made.data(), made.size(), label.data(), label.size(), context.data(),
                                         context.size(), 1),
              1);
    return made;
}

void expect_bytes_pass(talk& t) {
    const auto send = [](SSL* from, SSL* to) {
        const std::string text(3000, 't');
        std::string read(text.size(), ' ');
        EXPECT_EQ(SSL_write(from, text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
        EXPECT_EQ(SSL_read(to, read.data(), static_cast<int>(read.size())), static_cast<int>(read.size()));
        EXPECT_EQ(read, text);
    };
    send(t.client_end(), t.server_end());
    send(t.server_end(), t.client_end());
}

void expect_full_and_resumed(const client& peer, SSL_CTX* server) {
    for (const bool resumed : {false, true}) {
        talk t(peer, server, peer.newest());
        ASSERT_TRUE(t.handshake()) << t.client_error() << " / " << t.server_error();
        EXPECT_EQ(t.resumed(), resumed);
        expect_bytes_pass(t);
    }
}

}  // namespace

TEST(key_schedule_handshake, full_and_resumed_with_each_suite) {
    for (const char* suite : suites) {
        SCOPED_TRACE(suite);
        const auto settings = only(suite);
        const auto server = serve(settings);
        const client peer;
        for (const bool resumed : {false, true, true}) {
            talk t(peer, server.get(), peer.newest());
            ASSERT_TRUE(t.handshake()) << t.client_error() << " / " << t.server_error();
            EXPECT_EQ(t.resumed(), resumed);
            EXPECT_STREQ(SSL_get_cipher_name(t.server_end()), suite);
            expect_bytes_pass(t);
        }
    }
}

TEST(key_schedule_handshake, with_a_hello_retry_request) {
    for (const char* suite : suites) {
        SCOPED_TRACE(suite);
        auto settings = only(suite);
        settings.ecdh_curve = "secp384r1";
        const auto server = serve(settings);
        const client peer;
        char groups[] = "X25519:P-384";
        ASSERT_EQ(SSL_CTX_ctrl(peer.context(), SSL_CTRL_SET_GROUPS_LIST, 0, groups), 1);
        expect_full_and_resumed(peer, server.get());
    }
}

TEST(key_schedule_handshake, keys_are_updated_from_both_ends) {
    for (const char* suite : suites) {
        SCOPED_TRACE(suite);
        const auto settings = only(suite);
        const auto server = serve(settings);
        const client peer;
        talk t(peer, server.get());
        ASSERT_TRUE(t.handshake());
        for (SSL* end : {t.client_end(), t.server_end(), t.client_end()}) {
            ASSERT_EQ(SSL_key_update(end, SSL_KEY_UPDATE_REQUESTED), 1);
            expect_bytes_pass(t);
            expect_bytes_pass(t);
        }
    }
}

TEST(key_schedule_handshake, both_ends_export_the_same_keying_material) {
    for (const char* suite : suites) {
        SCOPED_TRACE(suite);
        const auto settings = only(suite);
        const auto server = serve(settings);
        const client peer;
        talk t(peer, server.get());
        ASSERT_TRUE(t.handshake());
        // Longer than a hash: OpenSSL's part.
        for (const std::size_t length : {1UL, 32UL, 48UL, 49UL, 500UL})
            EXPECT_EQ(exported(t.server_end(), "EXPORTER-Channel-Binding", length),
                      exported(t.client_end(), "EXPORTER-Channel-Binding", length));
    }
}

TEST(key_schedule_handshake, an_exporter_label_that_is_too_long_is_refused) {
    const config::ssl settings;
    const auto server = serve(settings);
    const client peer;
    talk t(peer, server.get());
    ASSERT_TRUE(t.handshake());
    octets out(32);
    const std::string label(250, 'l');
    for (SSL* end : {t.client_end(), t.server_end()})
        EXPECT_NE(SSL_export_keying_material(end, out.data(), out.size(), label.data(), label.size(), nullptr, 0, 0),
                  1);
}

TEST(key_schedule_handshake, a_client_is_asked_for_a_certificate_that_it_does_not_have) {
    const config::ssl settings;
    const auto server = serve(settings);
    SSL_CTX_set_verify(server.get(), SSL_VERIFY_PEER, nullptr);
    const client peer;
    talk t(peer, server.get());
    ASSERT_TRUE(t.handshake()) << t.client_error() << " / " << t.server_error();
    expect_bytes_pass(t);
}

TEST(key_schedule_handshake, tls_1_2_is_untouched) {
    const config::ssl settings;
    const auto server = serve(settings);
    const client peer(TLS1_2_VERSION);
    expect_full_and_resumed(peer, server.get());
}

TEST(key_schedule_handshake, tickets_go_from_one_key_schedule_to_the_other) {
    config::ssl settings;
    certs::context_plan plan;
    plan.settings = &settings;
    plan.identities = {issued(certs::key_kind::ec_p256)};
    plan.tickets = certs::make_ticket_keys();
    const auto openssl = certs::testing::serve(plan, library());
    plan.properties = provider_query;
    const auto ours = certs::testing::serve(plan, library());
    const client peer;
    EXPECT_FALSE(certs::testing::resumes(peer, openssl.get()));
    EXPECT_TRUE(certs::testing::resumes(peer, ours.get()));
    EXPECT_TRUE(certs::testing::resumes(peer, openssl.get()));
}

// What a client is offered does not depend on who derives the keys.
TEST(key_schedule_handshake, a_context_has_the_same_ciphers_and_groups) {
    const config::ssl settings;
    const auto names = [](const certs::server_context& of) {
        std::string all;
        const auto* ciphers = SSL_CTX_get_ciphers(of.get());
        for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i)
            all += std::string(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i))) + "\n";
        return all;
    };
    const auto ours = serve(settings);
    const auto openssl = serve(settings, nullptr);
    EXPECT_EQ(names(ours), names(openssl));
    for (const char* group : {"X25519", "P-256", "P-384"}) {
        std::string chosen;
        for (const auto* server : {&ours, &openssl}) {
            const client peer;
            std::string list = group;
            ASSERT_EQ(SSL_CTX_ctrl(peer.context(), SSL_CTRL_SET_GROUPS_LIST, 0, list.data()), 1);
            talk t(peer, server->get());
            ASSERT_TRUE(t.handshake()) << group << ": " << t.client_error() << " / " << t.server_error();
        }
    }
}

TEST(key_schedule_handshake, every_kind_of_certificate_serves) {
    for (const auto kind : {certs::key_kind::ec_p256, certs::key_kind::rsa_2048, certs::key_kind::ed25519}) {
        const config::ssl settings;
        certs::context_plan plan;
        plan.settings = &settings;
        plan.identities = {issued(kind)};
        plan.properties = provider_query;
        const auto server = certs::testing::serve(plan, library());
        const client peer;
        talk t(peer, server.get());
        EXPECT_TRUE(t.handshake()) << t.client_error() << " / " << t.server_error();
    }
}
