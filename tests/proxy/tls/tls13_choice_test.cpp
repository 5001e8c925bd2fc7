// Which handshakes are done without libssl, and which are left to it; either way the client gets what libssl would give.
#include "returning.hpp"

#include "certs/policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

using change = std::function<void(SSL_CTX*)>;

struct outcome {
    bool without_openssl = false;
    bool done = false;
    reason why = reason::closed;
    std::string cipher;
    std::string group;
};

outcome visit(SSL_CTX* at, SSL_CTX* from, const std::function<void(SSL*)>& prepare = {}) {
    engine server(at, "localhost");
    client peer(from);
    if (prepare) prepare(peer.ssl());
    outcome o;
    step last = step::want_input;
    for (int i = 0; i < 4 && last == step::want_input; ++i) {
        peer.shake();
        const auto t = shake(server, peer.sent());
        last = t.status;
        peer.hear(t.output);
    }
    o.without_openssl = server.did_without_openssl();
    o.done = last == step::done && peer.shake();
    if (last == step::failed) o.why = server.error().why;
    if (o.done) o.cipher = std::string(server.agreed().cipher);
    if (o.done) o.group = std::string(server.agreed().group);
    return o;
}

}  // namespace

TEST(tls13_choice, clients_that_need_more_are_left_to_libssl_and_served) {
    struct row {
        const char* what;
        change of_client;
        std::function<void(SSL*)> of_connection;
    };
    const std::vector<row> rows{
        {"TLS 1.2", [](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION); }, {}},
        {"another group", [](SSL_CTX* c) { SSL_CTX_set1_groups_list(c, "P-256"); }, {}},
        {"another share first", [](SSL_CTX* c) { SSL_CTX_set1_groups_list(c, "P-256:X25519"); }, {}},
        {"a second hello", [](SSL_CTX* c) { SSL_CTX_set1_groups_list(c, "X448:X25519"); }, {}},
        {"smaller records", {}, [](SSL* s) { SSL_set_tlsext_max_fragment_length(s, TLSEXT_max_fragment_length_1024); }},
    };
    const auto server = make_own_server();
    for (const auto& r : rows) {
        const auto context = make_client(TLS1_2_VERSION);
        if (r.of_client) r.of_client(context.get());
        const auto o = visit(server.get(), context.get(), r.of_connection);
        EXPECT_TRUE(o.done) << r.what;
        EXPECT_FALSE(o.without_openssl) << r.what;
    }
}

TEST(tls13_choice, the_hybrid_is_libssls_and_comes_first) {
    constexpr const char* hybrid = "X25519MLKEM768";
    if (std::ranges::count(certs::known_groups(library()), hybrid) == 0) GTEST_SKIP() << "this OpenSSL has no hybrid";
    const auto server = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    for (const char* groups : {"*X25519MLKEM768:*X25519", "*X25519:*X25519MLKEM768"}) {
        ASSERT_EQ(SSL_CTX_set1_groups_list(context.get(), groups), 1);
        const auto o = visit(server.get(), context.get());
        EXPECT_FALSE(o.without_openssl) << groups;
        EXPECT_EQ(o.group, hybrid) << groups;
    }
    // A hello for it alone would be a second one.
    ASSERT_EQ(SSL_CTX_set1_groups_list(context.get(), "*X25519:X25519MLKEM768"), 1);
    const auto o = visit(server.get(), context.get());
    EXPECT_TRUE(o.without_openssl);
    EXPECT_EQ(o.group, "X25519");
}

TEST(tls13_choice, who_is_to_be_refused_is_refused_by_libssl_with_its_reason) {
    config::ssl settings;
    settings.alpn = {"http/1.1"};
    const auto server = make_own_server({settings});
    struct row {
        const char* what;
        change of_client;
        reason why;
    };
    const std::vector<row> rows{
        {"no protocol of ours",
         [](SSL_CTX* c) { SSL_CTX_set_alpn_protos(c, reinterpret_cast<const std::uint8_t*>("\x02h2"), 3); },
         reason::no_alpn},
        {"no group of ours", [](SSL_CTX* c) { SSL_CTX_set1_groups_list(c, "X448"); }, reason::no_common_group},
        {"no signature of ours", [](SSL_CTX* c) { SSL_CTX_set1_sigalgs_list(c, "RSA-PSS+SHA256"); },
         reason::no_common_signature},
    };
    for (const auto& r : rows) {
        const auto context = make_client(TLS1_3_VERSION);
        r.of_client(context.get());
        const auto o = visit(server.get(), context.get());
        EXPECT_FALSE(o.done) << r.what;
        EXPECT_FALSE(o.without_openssl) << r.what;
        EXPECT_EQ(o.why, r.why) << r.what;
    }
}

TEST(tls13_choice, settings_that_only_libssl_serves_leave_it_everything) {
    const auto by_command = [] {
        config::ssl settings;
        settings.conf_command = {"Options PrioritizeChaCha"};
        return settings;
    };
    const auto by_id = [] {
        config::ssl settings;
        settings.session_tickets = false;
        settings.session_cache.type = config::session_cache::kind::builtin;
        return settings;
    };
    const auto asking = [] {
        config::ssl settings;
        settings.verify_client = config::verify_mode::optional_no_ca;
        return settings;
    };
    const auto other_groups = [] {
        config::ssl settings;
        settings.ecdh_curve = "X25519:secp521r1";
        return settings;
    };
    const auto older = [] {
        config::ssl settings;
        settings.protocols = {config::protocol::tls_1_2};
        return settings;
    };
    const auto context = make_client(TLS1_2_VERSION);
    for (const auto& settings : {by_command(), by_id(), asking(), other_groups(), older()}) {
        const auto server = make_own_server({settings});
        const auto o = visit(server.get(), context.get());
        EXPECT_TRUE(o.done);
        EXPECT_FALSE(o.without_openssl);
    }
    const std::vector<change> of_context{
        [](SSL_CTX* c) { SSL_CTX_set_security_level(c, 4); },
        [](SSL_CTX* c) { SSL_CTX_ctrl(c, SSL_CTRL_CERT_FLAGS, SSL_CERT_FLAG_SUITEB_128_LOS, nullptr); },
        [](SSL_CTX* c) { SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr); },
    };
    for (const auto& of : of_context) {
        const auto server = make_own_server();
        of(server.get());
        EXPECT_FALSE(visit(server.get(), context.get()).without_openssl);
    }
    // Neither does a context whose keys are derived by OpenSSL.
    const auto server = make_server({}, nullptr);
    EXPECT_FALSE(visit(server.get(), context.get()).without_openssl);
}

TEST(tls13_choice, the_suite_is_the_one_that_libssl_would_choose) {
    const char* const lists[] = {"TLS_AES_128_GCM_SHA256",
                                 "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256",
                                 "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
                                 "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
                                 "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
                                 "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"};
    for (const bool our_order : {true, false})
        for (const char* ours : lists)
            for (const char* theirs : lists) {
                config::ssl settings;
                settings.prefer_server_ciphers = our_order;
                settings.ciphersuites = ours;
                const auto context = make_client(TLS1_3_VERSION);
                ASSERT_EQ(SSL_CTX_set_ciphersuites(context.get(), theirs), 1);
                const auto by_us = visit(make_own_server({settings}).get(), context.get());
                const auto by_libssl =
                    visit(make_own_server({.settings = settings, .own = false}).get(), context.get());
                EXPECT_EQ(by_us.done, by_libssl.done);
                EXPECT_EQ(by_us.cipher, by_libssl.cipher)
                    << ours << " and " << theirs << ", ours counts: " << our_order;
                EXPECT_EQ(by_us.why, by_libssl.why);
                EXPECT_EQ(by_us.without_openssl, by_us.done);
            }
}

TEST(tls13_choice, a_hello_that_is_not_whole_in_the_first_step_is_libssls) {
    const auto server_context = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    client whole(context.get());
    whole.shake();
    const auto length = whole.sent().size();
    for (std::size_t at = 1; at < length; at += 7) {
        engine server(server_context.get(), "localhost");
        client peer(context.get());
        peer.shake();
        const auto hello = peer.sent();
        const auto cut = hello.begin() + static_cast<std::ptrdiff_t>(at);
        auto rest = shake(server, {hello.begin(), cut}).unread;
        rest.insert(rest.end(), cut, hello.end());
        peer.hear(shake(server, rest).output);
        EXPECT_FALSE(server.did_without_openssl());
        EXPECT_TRUE(peer.shake());
        EXPECT_EQ(shake(server, peer.sent()).status, step::done);
    }
}

TEST(tls13_choice, another_name_than_the_one_that_chose_the_context_is_refused) {
    const auto server_context = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    engine server(server_context.get(), "another.example");
    client peer(context.get());
    peer.shake();
    EXPECT_EQ(shake(server, peer.sent()).status, step::failed);
    EXPECT_EQ(server.error().why, reason::sni_mismatch);
}
