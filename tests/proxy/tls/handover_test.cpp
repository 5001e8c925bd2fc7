// When OpenSSL's object goes, and when it stays. What our records then do is in record_layer_test and engine_test.
#include "engine_pair.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

// A question, an answer, and silence.
void exchange(test_pair::pair& p, const std::string& question = "question", const std::string& answer = "answer") {
    p.peer->say(question);
    std::string text;
    auto t = hear(*p.server, p.peer->sent(), text);
    EXPECT_EQ(text, question);
    p.peer->hear(say(*p.server, answer).output);
    EXPECT_EQ(p.peer->heard(), answer);
    p.server->fell_silent();
}

}  // namespace

TEST(handover, is_after_the_first_exchange_and_the_next_ones_go_on_as_before) {
    auto p = connect();
    p.server->fell_silent();
    EXPECT_FALSE(p.server->handed_over());
    exchange(p);
    EXPECT_TRUE(p.server->handed_over());
    for (int i = 0; i < 3; ++i) exchange(p);
}

TEST(handover, is_the_same_with_every_suite_of_tls_1_3) {
    for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
        auto context = make_client(TLS1_3_VERSION);
        ASSERT_EQ(SSL_CTX_set_ciphersuites(context.get(), suite), 1);
        auto p = connect(make_server(), std::move(context));
        exchange(p);
        EXPECT_TRUE(p.server->handed_over()) << suite;
        for (int i = 0; i < 3; ++i) exchange(p);
    }
}

TEST(handover, is_the_same_in_a_resumed_connection) {
    const auto server = make_server();
    auto context = make_client(TLS1_3_VERSION);
    certs::session_ptr session;
    for (const bool resumed : {false, true}) {
        engine e(server.get(), "localhost");
        client c(context.get());
        if (session) SSL_set_session(c.ssl(), session.get());
        for (int i = 0; i < 4 && !c.shake(); ++i) c.hear(shake(e, c.sent()).output);
        c.hear(shake(e, c.sent()).output);
        EXPECT_EQ(c.heard(), "");
        EXPECT_EQ(e.resumed(), resumed);
        session.reset(SSL_get1_session(c.ssl()));
        c.hear(say(e, "answer").output);
        EXPECT_EQ(c.heard(), "answer");
        e.fell_silent();
        EXPECT_TRUE(e.handed_over());
        c.say("question");
        std::string text;
        static_cast<void>(hear(e, c.sent(), text));
        EXPECT_EQ(text, "question");
        c.hear(say(e, "another").output);
        EXPECT_EQ(c.heard(), "another");
        // Cut off, it would not offer its session again.
        c.close();
    }
}

TEST(handover, keeps_to_the_number_of_tickets_and_records_that_went_before) {
    for (const std::size_t tickets : {0U, 1U, 2U, 5U}) {
        auto server = make_server();
        ASSERT_EQ(SSL_CTX_set_num_tickets(server.get(), tickets), 1);
        auto context = make_client(TLS1_3_VERSION);
        auto p = connect(std::move(server), std::move(context));
        exchange(p, std::string(20'000, 'q'), std::string(20'000, 'a'));
        EXPECT_TRUE(p.server->handed_over());
        exchange(p, std::string(40'000, 'q'), std::string(40'000, 'a'));
    }
}

TEST(handover, comes_with_much_data_also_when_nobody_is_silent) {
    auto p = connect();
    const std::string much(80'000, 'x');
    p.peer->say(much);
    std::string text;
    const auto sent = p.peer->sent();
    const auto first = hear(*p.server, {sent.begin(), sent.begin() + 70'000}, text);
    auto rest = first.unread;
    rest.insert(rest.end(), sent.begin() + 70'000, sent.end());
    static_cast<void>(hear(*p.server, rest, text));
    EXPECT_EQ(text, much);
    EXPECT_TRUE(p.server->handed_over());

    auto other = connect();
    other.peer->hear(say(*other.server, much).output);
    EXPECT_EQ(other.peer->heard(), much);
    EXPECT_TRUE(other.server->handed_over());
}

TEST(handover, takes_the_part_of_a_record_along_that_has_come) {
    auto p = connect();
    exchange(p);
    auto q = connect();
    q.peer->hear(say(*q.server, "answer").output);
    EXPECT_EQ(q.peer->heard(), "answer");
    q.peer->say("question");
    const auto sent = q.peer->sent();
    std::string text;
    auto t = hear(*q.server, {sent.begin(), sent.begin() + 9}, text);
    q.server->fell_silent();
    EXPECT_TRUE(q.server->handed_over());
    t.unread.insert(t.unread.end(), sent.begin() + 9, sent.end());
    static_cast<void>(hear(*q.server, t.unread, text));
    EXPECT_EQ(text, "question");
}

TEST(handover, keeps_the_size_of_records_that_is_configured) {
    config::ssl settings;
    settings.buffer_size = 1024;
    auto p = connect(settings, served_by::our_records);
    const auto out = say(*p.server, std::string(10'000, 'x')).output;
    EXPECT_EQ(std::size_t{out[3]} << 8 | out[4], 1024U + 17U);
    p.peer->hear(out);
    EXPECT_EQ(p.peer->heard().size(), 10'000U);
}

TEST(handover, is_not_before_tls_1_3) {
    auto p = connect({}, served_by::tls_1_2);
    exchange(p);
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
}

TEST(handover, is_not_when_openssl_derives_its_keys_itself) {
    auto context = make_client(TLS1_3_VERSION);
    auto p = connect(make_server({}, nullptr), std::move(context));
    exchange(p);
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
}

TEST(handover, is_not_after_a_key_update) {
    auto p = connect();
    ASSERT_EQ(SSL_key_update(p.peer->ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    exchange(p);
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
}

TEST(handover, is_not_for_a_client_that_wants_small_records) {
    auto context = make_client(TLS1_3_VERSION);
    ASSERT_EQ(SSL_CTX_set_tlsext_max_fragment_length(context.get(), TLSEXT_max_fragment_length_512), 1);
    auto p = connect(make_server(), std::move(context));
    exchange(p);
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
}

// Else whoever sits between could take a record out: the next one would have the number that the broken one has used.
TEST(handover, is_not_of_a_connection_that_has_failed) {
    struct broken {
        const char* what;
        bytes record;
    };
    for (const auto& b : {broken{"too long", {23, 3, 3, 0x50, 0}}, broken{"in the clear", {22, 3, 3, 0, 4, 1, 0, 0, 0}},
                          broken{"tampered", {}}}) {
        auto p = connect();
        p.peer->hear(say(*p.server, "answer").output);
        EXPECT_EQ(p.peer->heard(), "answer");
        p.peer->say("first");
        auto wire = p.peer->sent();
        auto wrong = b.record;
        if (wrong.empty()) {
            p.peer->say("second");
            wrong = p.peer->sent();
            wrong.back() ^= 1;
        }
        wire.insert(wire.end(), wrong.begin(), wrong.end());
        p.peer->say("third");
        const auto third = p.peer->sent();
        std::string text;
        EXPECT_EQ(hear(*p.server, wire, text).status, step::failed) << b.what;
        EXPECT_EQ(text, "first");
        EXPECT_EQ(p.server->error().by, party::client);
        const auto why = p.server->error().why;
        EXPECT_NE(why, reason::internal);
        EXPECT_FALSE(p.server->starved({}));
        p.server->fell_silent();
        EXPECT_FALSE(p.server->handed_over()) << b.what;
        EXPECT_EQ(hear(*p.server, third, text).status, step::failed);
        EXPECT_EQ(text, "first");
        EXPECT_EQ(say(*p.server, std::string(100'000, 'x')).status, step::failed);
        EXPECT_FALSE(p.server->handed_over()) << b.what;
        EXPECT_EQ(p.server->error().why, why);
    }
}

TEST(handover, is_not_after_much_data_either_when_the_connection_has_failed) {
    auto p = connect();
    p.peer->say(std::string(70'000, 'x'));
    auto wire = p.peer->sent();
    wire.back() ^= 1;
    std::string text;
    bytes plain(200'000);
    p.server->feed(wire);
    bytes room(1000);
    p.server->lend(room);
    EXPECT_EQ(p.server->read(plain).status, step::failed);
    EXPECT_EQ(p.server->read(plain).status, step::failed);
    EXPECT_FALSE(p.server->handed_over());
    EXPECT_EQ(p.server->error().why, reason::bad_record);
}

TEST(handover, a_wrong_header_is_refused_before_its_payload_has_come_also_by_openssl) {
    for (const auto& header : {bytes{'G', 'E', 'T', ' ', '/'}, bytes{23, 3, 3, 0x41, 1}, bytes{21, 3, 3, 0x30, 0}}) {
        auto p = connect();
        std::string text;
        const auto t = hear(*p.server, header, text);
        EXPECT_EQ(t.status, step::failed);
        EXPECT_EQ(p.server->error().by, party::client);
        EXPECT_FALSE(t.output.empty());
    }
}

TEST(handover, is_not_when_our_close_notify_has_been_written) {
    auto p = connect();
    p.peer->hear(say(*p.server, "answer").output);
    bytes room(1024);
    p.server->lend(room);
    EXPECT_EQ(p.server->close(), step::done);
    p.server->fell_silent();
    EXPECT_FALSE(p.server->handed_over());
}
