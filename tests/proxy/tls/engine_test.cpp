#include "proxy/tls/engine.hpp"

#include "engine_pair.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

bytes slice(const bytes& all, std::size_t from, std::size_t to) {
    return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)};
}

// A handshake in which the client's flight number `flight` comes in two pieces, cut at `at`. Returns the flight's length;
// the cut at 0 leaves all whole.
std::size_t handshake_with_cut(SSL_CTX* server_context, SSL_CTX* client_context, int flight, std::size_t at) {
    engine server(server_context, "localhost");
    client peer(client_context);
    std::size_t length = 0;
    step status = step::want_input;
    for (int i = 0; status != step::done && i < 4; ++i) {
        peer.shake();
        const auto sent = peer.sent();
        turn t{};
        if (i == flight && at > 0) {
            length = sent.size();
            t = shake(server, slice(sent, 0, at));
            EXPECT_EQ(t.status, step::want_input) << "flight " << flight << " cut at " << at;
            const auto rest = shake(server, slice(sent, at, sent.size()));
            t.output.insert(t.output.end(), rest.output.begin(), rest.output.end());
            t.status = rest.status;
        } else {
            if (i == flight) length = sent.size();
            t = shake(server, sent);
        }
        EXPECT_NE(t.status, step::failed) << server.error().detail;
        peer.hear(t.output);
        status = t.status;
    }
    EXPECT_EQ(status, step::done);
    EXPECT_TRUE(peer.shake());
    return length;
}

}  // namespace

class engine_of : public ::testing::TestWithParam<served_by> {};
INSTANTIATE_TEST_SUITE_P(versions, engine_of,
                         ::testing::Values(served_by::tls_1_2, served_by::tls_1_3, served_by::our_records,
                                           served_by::ourselves));

class handshake_of : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(versions, handshake_of, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(engine_of, finishes_a_handshake_and_carries_data_both_ways) {
    auto p = connect({}, GetParam());
    exchange(p);
}

TEST_P(handshake_of, finishes_whereever_a_flight_of_the_client_is_cut) {
    const auto server = make_server();
    const auto peer = make_client(GetParam(), GetParam());
    for (const int flight : {0, 1}) {
        const auto length = handshake_with_cut(server.get(), peer.get(), flight, 0);
        ASSERT_GT(length, 40U);
        for (std::size_t at = 1; at < length; ++at) handshake_with_cut(server.get(), peer.get(), flight, at);
    }
}

TEST_P(handshake_of, finishes_when_the_room_for_output_is_a_byte) {
    const auto server_context = make_server();
    const auto client_context = make_client(GetParam(), GetParam());
    engine server(server_context.get(), "localhost");
    client peer(client_context.get());
    for (int i = 0; i < 3; ++i) {
        peer.shake();
        peer.hear(shake(server, peer.sent(), 1).output);
    }
    EXPECT_TRUE(peer.shake());
}

TEST_P(handshake_of, a_client_that_falls_silent_at_any_byte_is_waited_for_and_can_be_given_up) {
    const auto server_context = make_server();
    const auto client_context = make_client(GetParam(), GetParam());
    client peer(client_context.get());
    peer.shake();
    const auto hello = peer.sent();
    for (std::size_t at = 0; at < hello.size(); ++at) {
        engine server(server_context.get(), "localhost");
        EXPECT_EQ(shake(server, slice(hello, 0, at)).status, step::want_input);
    }
}

TEST_P(engine_of, data_that_is_cut_at_any_byte_arrives_whole) {
    auto p = connect({}, GetParam());
    std::size_t length = 2;
    for (std::size_t at = 1; at < length; ++at) {
        p.peer->say("0123456789");
        const auto record = p.peer->sent();
        length = record.size();
        std::string text;
        const auto before = hear(*p.server, slice(record, 0, at), text);
        EXPECT_EQ(before.status, step::want_input);
        EXPECT_EQ(text, "");
        auto rest = before.unread;
        // OpenSSL takes the part, and might make something of it.
        EXPECT_TRUE(GetParam() != served_by::our_records || p.server->starved(rest));
        rest.insert(rest.end(), record.begin() + static_cast<std::ptrdiff_t>(at), record.end());
        const auto after = hear(*p.server, rest, text);
        EXPECT_EQ(after.status, step::want_input);
        EXPECT_TRUE(after.unread.empty());
        EXPECT_EQ(text, "0123456789");
    }
}

TEST_P(engine_of, a_close_of_the_client_is_told_and_ours_can_follow_later) {
    auto p = connect({}, GetParam());
    p.peer->say("last words");
    p.peer->close();
    std::string text;
    EXPECT_EQ(hear(*p.server, p.peer->sent(), text).status, step::closed);
    EXPECT_EQ(text, "last words");
    p.peer->hear(say(*p.server, "still here").output);
    EXPECT_EQ(p.peer->heard(), "still here");
    bytes room(1024);
    p.server->lend(room);
    EXPECT_EQ(p.server->close(), step::done);
    p.peer->hear(slice(room, 0, p.server->produced()));
    EXPECT_EQ(p.peer->heard(), "");
    EXPECT_TRUE(p.peer->told_to_close());
}

TEST_P(engine_of, a_record_that_was_tampered_with_ends_it_with_an_alert) {
    auto p = connect({}, GetParam());
    p.peer->say("0123456789");
    auto record = p.peer->sent();
    record.back() ^= 1;
    std::string text;
    const auto t = hear(*p.server, record, text);
    EXPECT_EQ(t.status, step::failed);
    EXPECT_EQ(text, "");
    EXPECT_EQ(p.server->error().why, reason::bad_record);
    EXPECT_EQ(p.server->error().by, party::client);
    EXPECT_FALSE(t.output.empty());
}

TEST_P(engine_of, more_than_the_room_holds_is_written_in_order) {
    auto p = connect({}, GetParam());
    const std::string text(300'000, 'x');
    p.peer->hear(say(*p.server, text, 20'000).output);
    EXPECT_EQ(p.peer->heard(), text);
}

TEST_P(engine_of, records_are_no_larger_than_buffer_size) {
    config::ssl settings;
    settings.buffer_size = 1024;
    auto p = connect(settings, GetParam());
    const auto out = say(*p.server, std::string(10'000, 'x')).output;
    const std::size_t first = std::size_t{out[3]} << 8 | out[4];
    EXPECT_LE(first, 1024U + 40U);
    p.peer->hear(out);
    EXPECT_EQ(p.peer->heard().size(), 10'000U);
}

TEST_P(handshake_of, the_facts_say_what_was_agreed_on) {
    const bool newer = GetParam() == TLS1_3_VERSION;
    const auto facts = connect({}, newer ? served_by::tls_1_3 : served_by::tls_1_2).server->agreed();
    EXPECT_EQ(facts.version, newer ? "TLSv1.3" : "TLSv1.2");
    EXPECT_EQ(facts.group, "X25519");
    EXPECT_EQ(facts.cipher, newer ? "TLS_AES_128_GCM_SHA256" : "ECDHE-ECDSA-AES128-GCM-SHA256");
    EXPECT_FALSE(facts.resumed);
}

TEST_P(engine_of, a_key_update_of_the_client_is_answered) {
    if (GetParam() == served_by::tls_1_2) return;
    auto p = connect({}, GetParam());
    ASSERT_EQ(SSL_key_update(p.peer->ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    p.peer->say("under new keys");
    std::string text;
    const auto t = hear(*p.server, p.peer->sent(), text);
    EXPECT_EQ(text, "under new keys");
    p.peer->hear(t.output);
    p.peer->hear(say(*p.server, "so be it").output);
    EXPECT_EQ(p.peer->heard(), "so be it");
    p.peer->say("and on");
    static_cast<void>(hear(*p.server, p.peer->sent(), text));
    EXPECT_EQ(text, "under new keysand on");
}

TEST(engine, renegotiation_is_refused_and_the_connection_goes_on_or_ends) {
    auto p = connect({}, served_by::tls_1_2);
    ASSERT_EQ(SSL_renegotiate(p.peer->ssl()), 1);
    p.peer->shake();
    std::string text;
    const auto t = hear(*p.server, p.peer->sent(), text);
    p.peer->hear(t.output);
    p.peer->shake();
    EXPECT_NE(p.peer->alert().find("no renegotiation"), std::string::npos) << p.peer->alert();
}

TEST(engine, another_name_than_the_one_that_chose_the_context_is_refused) {
    const auto server_context = make_server();
    const auto client_context = make_client();
    engine server(server_context.get(), "other.example.org");
    client peer(client_context.get(), "localhost");
    peer.shake();
    const auto t = shake(server, peer.sent());
    EXPECT_EQ(t.status, step::failed);
    EXPECT_EQ(server.error().why, reason::sni_mismatch);
    peer.hear(t.output);
    peer.shake();
    EXPECT_NE(peer.alert().find("illegal parameter"), std::string::npos) << peer.alert();
}

namespace {

// A client that has sent a hello without a share of the server's one group, and has heard that it is to send another.
struct asked_again {
    certs::server_context server_context;
    certs::ssl_ctx_ptr client_context = make_client(TLS1_3_VERSION);
    std::unique_ptr<engine> server;
    std::unique_ptr<client> peer;

    asked_again() {
        config::ssl settings;
        settings.ecdh_curve = "secp384r1";
        server_context = make_server(settings);
        SSL_CTX_set1_groups_list(client_context.get(), "X25519:secp384r1");
        server = std::make_unique<engine>(server_context.get(), "localhost");
        peer = std::make_unique<client>(client_context.get());
        peer->shake();
        const auto retry = shake(*server, peer->sent());
        EXPECT_EQ(retry.status, step::want_input);
        EXPECT_TRUE(server->asked_again());
        peer->hear(retry.output);
    }
};

}  // namespace

TEST(engine, the_name_is_looked_at_again_after_a_hello_retry_request) {
    const asked_again p;
    p.peer->mean("evil.example");
    p.peer->shake();
    EXPECT_EQ(shake(*p.server, p.peer->sent()).status, step::failed);
    EXPECT_EQ(p.server->error().why, reason::sni_mismatch);
}

TEST(engine, the_first_flight_and_a_second_hello_s_ask_for_no_other_hello) {
    const asked_again p;
    p.peer->shake();
    p.peer->hear(shake(*p.server, p.peer->sent()).output);
    EXPECT_FALSE(p.server->asked_again());
    EXPECT_TRUE(p.peer->shake());

    const auto other_context = make_server();
    engine other(other_context.get(), "localhost");
    client direct(p.client_context.get());
    direct.shake();
    static_cast<void>(shake(other, direct.sent()));
    EXPECT_FALSE(other.asked_again());
}

TEST(engine, no_common_version_cipher_group_and_protocol_have_reasons_of_their_own) {
    const auto why = [](const config::ssl& settings, const certs::ssl_ctx_ptr& from) {
        const auto server_context = make_server(settings);
        engine server(server_context.get(), "localhost");
        client peer(from.get());
        peer.shake();
        EXPECT_EQ(shake(server, peer.sent()).status, step::failed);
        EXPECT_EQ(server.error().by, party::client);
        return server.error().why;
    };
    config::ssl only_13;
    only_13.protocols = {config::protocol::tls_1_3};
    EXPECT_EQ(why(only_13, make_client(TLS1_2_VERSION, TLS1_2_VERSION)), reason::no_common_protocol);

    const auto odd_cipher = make_client(TLS1_2_VERSION, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(odd_cipher.get(), "ECDHE-ECDSA-AES128-SHA256");
    EXPECT_EQ(why({}, odd_cipher), reason::no_common_cipher);

    const auto odd_group = make_client(TLS1_3_VERSION);
    SSL_CTX_set1_groups_list(odd_group.get(), "X448");
    EXPECT_EQ(why({}, odd_group), reason::no_common_group);

    config::ssl with_alpn;
    with_alpn.alpn = {"http/1.1"};
    const auto odd_alpn = make_client();
    const unsigned char imap[] = {4, 'i', 'm', 'a', 'p'};
    SSL_CTX_set_alpn_protos(odd_alpn.get(), imap, sizeof imap);
    EXPECT_EQ(why(with_alpn, odd_alpn), reason::no_alpn);
}

TEST(engine, an_alert_of_the_client_is_its_own_reason) {
    const auto server_context = make_server();
    const auto client_context = make_client(TLS1_3_VERSION);
    // The test's authority is unknown to this client.
    SSL_CTX_set_verify(client_context.get(), SSL_VERIFY_PEER, nullptr);
    engine server(server_context.get(), "localhost");
    client peer(client_context.get());
    peer.shake();
    peer.hear(shake(server, peer.sent()).output);
    EXPECT_FALSE(peer.shake());
    EXPECT_EQ(shake(server, peer.sent()).status, step::failed);
    EXPECT_EQ(server.error().why, reason::peer_alert);
    EXPECT_EQ(server.error().by, party::client);
    ASSERT_TRUE(server.last_alert());
    EXPECT_TRUE(server.last_alert()->from_client);
    EXPECT_EQ(alert_name(server.last_alert()->number), "unknown_ca");
}

TEST(engine, an_alert_of_ours_is_known_even_when_it_is_encrypted) {
    const auto server_context = make_server();
    const auto client_context = make_client(TLS1_3_VERSION);
    engine server(server_context.get(), "localhost");
    client peer(client_context.get());
    peer.shake();
    EXPECT_EQ(shake(server, peer.sent()).status, step::want_input);
    EXPECT_FALSE(server.last_alert());
    const bytes forged{23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    EXPECT_EQ(shake(server, forged).status, step::failed);
    ASSERT_TRUE(server.last_alert());
    EXPECT_FALSE(server.last_alert()->from_client);
    EXPECT_EQ(alert_name(server.last_alert()->number), "bad_record_mac");
}
