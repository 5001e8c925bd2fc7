// OpenSSL without memory, at each of its allocations in turn: the engine reports a failure, and nothing else happens.
#include "engine_pair.hpp"
#include "tests/certs/pki.hpp"
#include "tests/certs/support.hpp"

#include <openssl/crypto.h>

#include <gtest/gtest.h>

#include <cstdlib>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

// Counts down while the engine works; the allocation that meets 0 fails.
long countdown = -1;

bool fails() { return countdown >= 0 && countdown-- == 0; }

// Before main, and so before OpenSSL's first allocation, as it demands.
const bool hooked = CRYPTO_set_mem_functions(
                        [](std::size_t n, const char*, int) { return fails() ? nullptr : std::malloc(n); },
                        [](void* p, std::size_t n, const char*, int) { return fails() ? nullptr : std::realloc(p, n); },
                        [](void* p, const char*, int) { std::free(p); }) == 1;

}  // namespace

TEST(engine_without_memory, fails_or_finishes_whichever_allocation_is_refused) {
    ASSERT_TRUE(hooked);
    const auto server_context = make_server();
    const auto client_context = make_client(TLS1_3_VERSION);
    // What libssl 3.5 makes once, and has not for good if that fails.
    static_cast<void>(connect(make_server(), make_client(TLS1_3_VERSION)));
    int failed = 0;
    for (long n = 0;; ++n) {
        client peer(client_context.get());
        peer.shake();
        const auto hello = peer.sent();
        countdown = n;
        engine server(server_context.get(), "localhost");
        auto t = shake(server, hello);
        const bool ran_out = countdown < 0;
        countdown = -1;
        if (t.status == step::failed) {
            ++failed;
            EXPECT_EQ(server.error().during, phase::handshake);
        }
        if (!ran_out) break;
        ASSERT_LT(n, 5000);
    }
    EXPECT_GT(failed, 100);
}

TEST(engine_without_memory, knows_less_of_a_client_whichever_allocation_is_refused) {
    const certs::testing::signer root("clients' root");
    const certs::testing::folder files;
    config::ssl settings;
    settings.verify_client = config::verify_mode::on;
    settings.client_certificate = files.write("ca.crt", root.pem());
    auto context = make_client(TLS1_3_VERSION);
    const auto leaf = root.issue({.alternatives = "DNS:a.example,URI:spiffe://a/b,IP:192.0.2.1"});
    SSL_CTX_use_certificate(context.get(), leaf.get());
    SSL_CTX_use_PrivateKey(context.get(), certs::testing::client_key());
    const auto p = connect(make_server(settings), std::move(context));
    for (long n = 0;; ++n) {
        countdown = n;
        const auto known = p.server->agreed({.client_chain = true, .offers = true});
        const bool ran_out = countdown < 0;
        countdown = -1;
        ASSERT_TRUE(known.client);
        EXPECT_EQ(known.client->verify_result, X509_V_OK);
        if (!ran_out) {
            EXPECT_EQ(known.client->subject, "CN=alice");
            EXPECT_EQ(known.client->names.size(), 4U);
            break;
        }
        ASSERT_LT(n, 1000);
    }
}

TEST(engine_without_memory, fails_or_goes_on_whichever_allocation_of_a_handshakes_end_is_refused) {
    const auto server_context = make_server();
    const auto client_context = make_client(TLS1_3_VERSION);
    int failed = 0;
    int stayed = 0;
    for (long n = 0;; ++n) {
        engine server(server_context.get(), "localhost");
        client peer(client_context.get());
        peer.shake();
        peer.hear(shake(server, peer.sent()).output);
        ASSERT_TRUE(peer.shake());
        const auto finished = peer.sent();
        countdown = n;
        const auto t = shake(server, finished);
        const bool ran_out = countdown < 0;
        countdown = -1;
        if (t.status == step::failed) {
            ++failed;
        } else {
            stayed += server.handed_over() ? 0 : 1;
            peer.hear(t.output);
            peer.say("question");
            std::string text;
            static_cast<void>(hear(server, peer.sent(), text));
            EXPECT_EQ(text, "question");
            peer.hear(say(server, "answer").output);
            EXPECT_EQ(peer.heard(), "answer");
        }
        if (!ran_out) break;
        ASSERT_LT(n, 1000);
    }
    EXPECT_GT(failed, 1);
    EXPECT_GT(stayed, 1);
}
