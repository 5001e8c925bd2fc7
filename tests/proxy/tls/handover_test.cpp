// When OpenSSL's object goes, and when it stays. What our records then do is in record_layer_test and engine_test, what the
// ticket is worth in session_ticket_test.
#include "engine_pair.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

// What the client has been given.
struct tickets {
    int number = 0;
    certs::session_ptr newest;

    explicit tickets(SSL_CTX* of) {
        SSL_CTX_set_session_cache_mode(of, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_set_app_data(of, this);
        SSL_CTX_sess_set_new_cb(of, [](SSL* ssl, SSL_SESSION* session) {
            auto& self = *static_cast<tickets*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
            self.newest.reset(session);
            ++self.number;
            return 1;
        });
    }
};

}  // namespace

TEST(handover, is_at_the_end_of_the_handshake_and_openssls_object_goes_when_nobody_needs_it) {
    auto p = connect();
    EXPECT_TRUE(p.server->handed_over());
    EXPECT_EQ(p.server->agreed().version, "TLSv1.3");
    p.server->fell_silent();
    for (int i = 0; i < 3; ++i) exchange(p);
    auto q = connect();
    for (int i = 0; i < 3; ++i) exchange(q);
}

TEST(handover, is_the_same_with_every_suite_of_tls_1_3_and_a_ticket_comes_with_it) {
    for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
        auto context = make_client(TLS1_3_VERSION);
        ASSERT_EQ(SSL_CTX_set_ciphersuites(context.get(), suite), 1);
        const tickets given(context.get());
        auto p = connect(make_server(), std::move(context));
        EXPECT_TRUE(p.server->handed_over()) << suite;
        EXPECT_EQ(given.number, 1) << suite;
        for (int i = 0; i < 3; ++i) exchange(p);
    }
}

TEST(handover, data_that_comes_with_the_clients_last_flight_is_read) {
    const auto server = make_server();
    const auto context = make_client(TLS1_3_VERSION);
    engine e(server.get(), "localhost");
    client c(context.get());
    c.shake();
    c.hear(shake(e, c.sent()).output);
    ASSERT_TRUE(c.shake());
    c.say("question");
    const auto t = shake(e, c.sent());
    EXPECT_EQ(t.status, step::done);
    EXPECT_TRUE(e.handed_over());
    std::string text;
    static_cast<void>(hear(e, t.unread, text));
    EXPECT_EQ(text, "question");
}

TEST(handover, counts_the_tickets_that_libssl_has_made_itself) {
    config::ssl settings;
    settings.session_tickets = false;  // ids in their place, which name sessions in the cache
    settings.session_cache.type = config::session_cache::kind::builtin;
    for (const std::size_t number : {0U, 1U, 2U, 5U}) {
        auto server = make_server(settings);
        ASSERT_EQ(SSL_CTX_set_num_tickets(server.get(), number), 1);
        auto context = make_client(TLS1_3_VERSION);
        const tickets given(context.get());
        auto p = connect(std::move(server), std::move(context));
        EXPECT_TRUE(p.server->handed_over());
        EXPECT_EQ(given.number, static_cast<int>(number));
        exchange(p, std::string(20'000, 'q'), std::string(20'000, 'a'));
    }
}

TEST(handover, gives_no_ticket_where_none_is_wanted) {
    auto server = make_server();
    ASSERT_EQ(SSL_CTX_set_num_tickets(server.get(), 0), 1);
    auto context = make_client(TLS1_3_VERSION);
    const tickets given(context.get());
    auto p = connect(std::move(server), std::move(context));
    EXPECT_TRUE(p.server->handed_over());
    exchange(p);
    EXPECT_EQ(given.number, 0);
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

TEST(handover, keeps_to_the_size_of_records_that_a_client_wants) {
    auto context = make_client(TLS1_3_VERSION);
    ASSERT_EQ(SSL_CTX_set_tlsext_max_fragment_length(context.get(), TLSEXT_max_fragment_length_512), 1);
    const tickets given(context.get());
    auto p = connect(make_server(), std::move(context));
    EXPECT_TRUE(p.server->handed_over());
    EXPECT_EQ(given.number, 1);
    const auto out = say(*p.server, std::string(10'000, 'x')).output;
    EXPECT_EQ(std::size_t{out[3]} << 8 | out[4], 512U + 17U);
    p.peer->hear(out);
    EXPECT_EQ(p.peer->heard().size(), 10'000U);
}

TEST(handover, is_not_before_tls_1_3) {
    auto p = connect({}, served_by::tls_1_2);
    exchange(p);
    p.server->fell_silent();
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
}

TEST(handover, is_not_when_openssl_derives_its_keys_itself_and_tickets_come_all_the_same) {
    auto context = make_client(TLS1_3_VERSION);
    const tickets given(context.get());
    auto p = connect(make_server({}, nullptr), std::move(context));
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
    EXPECT_EQ(given.number, 1);
}

TEST(handover, is_not_with_a_suite_that_is_not_ours_and_tickets_come_all_the_same) {
    config::ssl settings;
    settings.ciphersuites = "TLS_AES_128_CCM_SHA256";
    auto context = make_client(TLS1_3_VERSION);
    ASSERT_EQ(SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_CCM_SHA256"), 1);
    const tickets given(context.get());
    auto p = connect(make_server(settings), std::move(context));
    exchange(p);
    EXPECT_FALSE(p.server->handed_over());
    EXPECT_EQ(given.number, 1);
}

TEST(handover, is_not_where_records_are_to_be_padded) {
    auto server = make_server();
    ASSERT_EQ(SSL_CTX_set_block_padding(server.get(), 512), 1);
    auto context = make_client(TLS1_3_VERSION);
    const tickets given(context.get());
    auto p = connect(std::move(server), std::move(context));
    EXPECT_FALSE(p.server->handed_over());
    EXPECT_EQ(given.number, 1);
    const auto out = say(*p.server, "answer").output;
    EXPECT_EQ((std::size_t{out[3]} << 8 | out[4]) % 512, 16U);
    p.peer->hear(out);
    EXPECT_EQ(p.peer->heard(), "answer");
}

// Else whoever sits between could take a record out: the next one would have the number that the broken one has used.
TEST(engine_of_openssl, has_failed_for_good_when_it_has_failed) {
    struct broken {
        const char* what;
        bytes record;
    };
    for (const auto& b : {broken{"too long", {23, 3, 3, 0x50, 0}}, broken{"in the clear", {22, 3, 3, 0, 4, 1, 0, 0, 0}},
                          broken{"tampered", {}}}) {
        auto p = connect({}, served_by::tls_1_3);
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
        EXPECT_EQ(hear(*p.server, third, text).status, step::failed);
        EXPECT_EQ(text, "first");
        EXPECT_EQ(say(*p.server, std::string(100'000, 'x')).status, step::failed);
        EXPECT_EQ(p.server->error().why, why);
    }
}

TEST(engine_of_openssl, refuses_a_wrong_header_before_its_payload_has_come) {
    for (const auto& header : {bytes{'G', 'E', 'T', ' ', '/'}, bytes{23, 3, 3, 0x41, 1}, bytes{21, 3, 3, 0x30, 0}}) {
        auto p = connect({}, served_by::tls_1_3);
        std::string text;
        const auto t = hear(*p.server, header, text);
        EXPECT_EQ(t.status, step::failed);
        EXPECT_EQ(p.server->error().by, party::client);
        EXPECT_FALSE(t.output.empty());
    }
}
