// Handshakes without libssl, against libssl's client: what they agree on, whatever way the bytes come.
#include "returning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

constexpr const char* every_suite[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                       "TLS_CHACHA20_POLY1305_SHA256"};

// The engine of a context after the client's hello, and the client after the server's flight, with its own not yet heard.
struct halfway {
    explicit halfway(SSL_CTX* at, SSL_CTX* from) : server(at, "localhost"), peer(from) {
        peer.shake();
        peer.hear(shake(server, peer.sent()).output);
        EXPECT_TRUE(peer.shake());
        flight = peer.sent();
        EXPECT_TRUE(server.did_without_openssl());
    }
    engine server;
    client peer;
    bytes flight;
};

}  // namespace

TEST(tls13_handshake, agrees_with_libssls_client_on_every_suite_and_kind_of_key) {
    using enum certs::key_kind;
    for (const auto kind : {ec_p256, rsa_2048, ed25519})
        for (const char* suite : every_suite) {
            auto context = make_client(TLS1_3_VERSION);
            ASSERT_EQ(SSL_CTX_set_ciphersuites(context.get(), suite), 1);
            auto p = connect(make_own_server({.kinds = {kind}}), std::move(context));
            EXPECT_TRUE(p.server->did_without_openssl());
            const auto facts = p.server->agreed();
            EXPECT_EQ(facts.version, "TLSv1.3");
            EXPECT_EQ(facts.cipher, suite);
            EXPECT_EQ(facts.group, "X25519");
            EXPECT_FALSE(facts.resumed);
            EXPECT_STREQ(SSL_get_cipher_name(p.peer->ssl()), suite);
            EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(p.peer->ssl())), 2);
            exchange(p);
            exchange(p);
        }
}

TEST(tls13_handshake, of_two_certificates_the_client_gets_the_one_that_it_can_verify) {
    using enum certs::key_kind;
    for (const auto& [offered, kind] :
         {std::pair{"RSA-PSS+SHA256:ECDSA+SHA256", EVP_PKEY_EC}, std::pair{"RSA-PSS+SHA256", EVP_PKEY_RSA},
          std::pair{"ECDSA+SHA256", EVP_PKEY_EC}}) {
        auto context = make_client(TLS1_3_VERSION);
        ASSERT_EQ(SSL_CTX_set1_sigalgs_list(context.get(), offered), 1);
        auto p = connect(make_own_server({.kinds = {rsa_2048, ec_p256}}), std::move(context));
        EXPECT_TRUE(p.server->did_without_openssl());
        EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(p.peer->ssl()))), kind) << offered;
    }
}

TEST(tls13_handshake, the_clients_protocol_is_the_first_of_ours_that_it_has) {
    auto context = make_client(TLS1_3_VERSION);
    constexpr std::uint8_t offered[] = "\x02h2\x08http/1.0\x08http/1.1";
    SSL_CTX_set_alpn_protos(context.get(), offered, sizeof offered - 1);
    config::ssl settings;
    settings.alpn = {"http/1.1", "http/1.0"};
    auto p = connect(make_own_server({settings}), std::move(context));
    EXPECT_TRUE(p.server->did_without_openssl());
    EXPECT_EQ(p.server->agreed().alpn, "http/1.1");
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(p.peer->ssl(), &chosen, &length);
    EXPECT_EQ(std::string(chosen, chosen + length), "http/1.1");
}

TEST(tls13_handshake, finishes_wherever_the_clients_flight_is_cut) {
    const auto server = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    std::size_t length = 2;
    for (std::size_t at = 1; at < length; ++at) {
        halfway h(server.get(), context.get());
        length = h.flight.size();
        const auto cut = h.flight.begin() + static_cast<std::ptrdiff_t>(at);
        const auto before = shake(h.server, {h.flight.begin(), cut});
        ASSERT_EQ(before.status, step::want_input) << at;
        auto rest = before.unread;
        rest.insert(rest.end(), cut, h.flight.end());
        ASSERT_EQ(shake(h.server, rest).status, step::done) << at;
    }
}

TEST(tls13_handshake, finishes_when_the_room_for_output_is_a_byte) {
    const auto server_context = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    engine server(server_context.get(), "localhost");
    client peer(context.get());
    peer.shake();
    peer.hear(shake(server, peer.sent(), 1).output);
    EXPECT_TRUE(server.did_without_openssl());
    EXPECT_TRUE(peer.shake());
    EXPECT_EQ(shake(server, peer.sent(), 1).status, step::done);
}

TEST(tls13_handshake, data_behind_the_clients_finished_is_left_for_who_reads_it) {
    const auto server = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    halfway h(server.get(), context.get());
    h.peer.say("question");
    const auto data = h.peer.sent();
    h.flight.insert(h.flight.end(), data.begin(), data.end());
    const auto t = shake(h.server, h.flight);
    EXPECT_EQ(t.status, step::done);
    std::string text;
    static_cast<void>(hear(h.server, t.unread, text));
    EXPECT_EQ(text, "question");
}

TEST(tls13_handshake, no_record_of_the_flight_is_larger_than_buffer_size) {
    config::ssl settings;
    settings.buffer_size = 512;
    const auto server_context = make_own_server({settings});
    const auto context = make_client(TLS1_3_VERSION);
    engine server(server_context.get(), "localhost");
    client peer(context.get());
    peer.shake();
    const auto flight = shake(server, peer.sent()).output;
    std::size_t records = 0;
    for (std::size_t at = 0; at < flight.size(); ++records) {
        const std::size_t length = std::size_t{flight[at + 3]} << 8 | flight[at + 4];
        EXPECT_LE(length, 512 + 17U);
        at += 5 + length;
    }
    EXPECT_GT(records, 3U);
    peer.hear(flight);
    EXPECT_TRUE(peer.shake());
}

TEST(tls13_handshake, random_and_share_are_others_in_every_handshake) {
    const auto server_context = make_own_server();
    const auto context = make_client(TLS1_3_VERSION);
    std::set<bytes> randoms;
    std::set<bytes> shares;
    for (int i = 0; i < 200; ++i) {
        engine server(server_context.get(), "localhost");
        client peer(context.get());
        peer.shake();
        const auto flight = shake(server, peer.sent()).output;
        // Record header, message header, version, random, session id of 32 bytes, suite, no compression, extensions'
        // length, supported_versions, key_share's header, group and length.
        const auto random = flight.begin() + 5 + 4 + 2;
        const auto share = random + 32 + 33 + 2 + 1 + 2 + 6 + 4 + 4;
        ASSERT_LE(share + 32, flight.end());
        randoms.emplace(random, random + 32);
        shares.emplace(share, share + 32);
        peer.hear(flight);
        EXPECT_TRUE(peer.shake());
    }
    EXPECT_EQ(randoms.size(), 200U);
    EXPECT_EQ(shares.size(), 200U);
}

// Resumption

namespace {

std::time_t clock_shows = 0;
std::time_t moved_clock() { return std::time(nullptr) + clock_shows; }

}  // namespace

TEST(tls13_resumption, goes_on_with_every_suite_and_shows_no_certificate_again) {
    for (const char* suite : every_suite) {
        const auto server = make_own_server();
        returning who;
        ASSERT_EQ(SSL_CTX_set_ciphersuites(who.context.get(), suite), 1);
        EXPECT_FALSE(who.visit(server.get()));
        for (int i = 0; i < 3; ++i) EXPECT_TRUE(who.visit(server.get())) << suite;
        EXPECT_TRUE(who.without_openssl);
    }
}

TEST(tls13_resumption, libssl_and_we_resume_each_others_sessions) {
    const auto keys = certs::make_ticket_keys();
    const auto ours = make_own_server({.tickets = keys});
    const auto libssls = make_own_server({.tickets = keys, .own = false});
    returning who;
    EXPECT_FALSE(who.visit(ours.get()));
    for (auto* const next : {libssls.get(), ours.get(), ours.get(), libssls.get(), libssls.get(), ours.get()}) {
        EXPECT_TRUE(who.visit(next));
        EXPECT_EQ(who.without_openssl, next == ours.get());
    }
}

TEST(tls13_resumption, is_no_further_than_the_first_handshakes_lifetime) {
    config::ssl settings;
    settings.session_timeout = std::chrono::minutes(5);
    const auto server = make_own_server({.settings = settings, .now = moved_clock});
    returning who;
    clock_shows = 0;
    EXPECT_FALSE(who.visit(server.get()));
    for (const auto seconds : {100, 200, 299}) {
        clock_shows = seconds;
        EXPECT_TRUE(who.visit(server.get())) << seconds;
        EXPECT_LE(SSL_SESSION_get_ticket_lifetime_hint(who.newest.get()), 300U - static_cast<unsigned>(seconds) + 1);
    }
    clock_shows = 302;
    EXPECT_FALSE(who.visit(server.get()));
    EXPECT_TRUE(who.without_openssl);
    clock_shows = 0;
}

TEST(tls13_resumption, is_with_the_same_certificate_and_the_same_keys_alone) {
    const auto keys = certs::make_ticket_keys();
    const auto server = make_own_server({.tickets = keys});
    const auto other_certificate = make_own_server({.kinds = {certs::key_kind::ed25519}, .tickets = keys});
    const auto other_keys = make_own_server();
    returning who;
    for (auto* const next : {server.get(), other_certificate.get(), other_keys.get(), server.get()}) {
        EXPECT_FALSE(who.visit(next));
        EXPECT_TRUE(who.without_openssl);
    }
    EXPECT_TRUE(who.visit(server.get()));
}

TEST(tls13_resumption, needs_a_suite_with_the_sessions_hash) {
    const auto server = make_own_server();
    returning who;
    ASSERT_EQ(SSL_CTX_set_ciphersuites(who.context.get(), "TLS_CHACHA20_POLY1305_SHA256"), 1);
    EXPECT_FALSE(who.visit(server.get()));
    ASSERT_EQ(SSL_CTX_set_ciphersuites(who.context.get(), "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"), 1);
    EXPECT_TRUE(who.visit(server.get()));
}

TEST(tls13_resumption, a_binder_that_proves_nothing_is_refused) {
    const auto server_context = make_own_server();
    returning who;
    EXPECT_FALSE(who.visit(server_context.get()));
    client peer(who.context.get());
    SSL_set_session(peer.ssl(), who.newest.get());
    peer.shake();
    auto hello = peer.sent();
    hello.back() ^= 1;
    engine server(server_context.get(), "localhost");
    EXPECT_EQ(shake(server, hello).status, step::failed);
    EXPECT_EQ(server.error().why, reason::protocol_error) << server.error().detail;
}

TEST(tls13_resumption, there_is_no_ticket_where_the_server_gives_none) {
    config::ssl settings;
    settings.session_tickets = false;
    const auto server = make_own_server({settings});
    returning who;
    EXPECT_FALSE(who.visit(server.get()));
    EXPECT_TRUE(who.without_openssl);
    EXPECT_FALSE(who.newest);
}
