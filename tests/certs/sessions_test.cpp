// Resumption: who may come back, where, and for how long.
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

using cache = config::session_cache::kind;

std::time_t clock_shows = 0;

struct sessions : ::testing::TestWithParam<int> {
    const library in;
    config::ssl settings;
    std::shared_ptr<const ticket_keys> keys = make_ticket_keys();

    void SetUp() override { clock_shows = 1'000'000; }

    server_context server(const library& made_in, identity_ptr id = issued(key_kind::ec_p256)) {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {std::move(id)};
        plan.tickets = keys;
        plan.now = [] { return clock_shows; };
        return serve(plan, made_in);
    }
};

TEST_P(sessions, a_ticket_from_one_worker_resumes_on_another) {
    const library other;
    const auto one_worker = server(in);
    const auto another = server(other);
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, one_worker.get()));
    EXPECT_TRUE(resumes(from, another.get()));
    EXPECT_TRUE(resumes(from, one_worker.get()));
}

TEST_P(sessions, a_ticket_under_other_keys_means_a_full_handshake) {
    const auto before = server(in);
    keys = make_ticket_keys();
    const auto after = server(in);
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, before.get()));
    EXPECT_FALSE(resumes(from, after.get()));
    EXPECT_TRUE(resumes(from, after.get()));
}

TEST_P(sessions, a_session_does_not_move_to_a_server_with_another_certificate) {
    const auto one = server(in);
    const auto other = server(in, issued(key_kind::ec_p256, "other.example"));
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_FALSE(resumes(from, other.get()));
}

TEST_P(sessions, a_session_does_not_move_to_a_server_with_other_rules_for_clients) {
    const auto one = server(in);
    settings.verify_depth = 3;
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_FALSE(resumes(from, server(in).get()));
}

TEST_P(sessions, session_timeout_counts_from_the_first_handshake_however_often_the_ticket_is_renewed) {
    using namespace std::chrono_literals;
    settings.session_timeout = 300s;
    const auto one = server(in);
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, one.get()));
    for (const int later : {100, 100, 100}) {
        clock_shows += later;
        EXPECT_TRUE(resumes(from, one.get()));
    }
    clock_shows += 1;
    EXPECT_FALSE(resumes(from, one.get()));
    // The full handshake began a new life.
    clock_shows += 300;
    EXPECT_TRUE(resumes(from, one.get()));
    clock_shows += 1;
    EXPECT_FALSE(resumes(from, one.get()));
}

TEST_P(sessions, a_ticket_from_further_ahead_than_clocks_differ_means_a_full_handshake) {
    const auto one = server(in);
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, one.get()));
    clock_shows -= 60;
    EXPECT_TRUE(resumes(from, one.get()));
    clock_shows -= 1;
    EXPECT_FALSE(resumes(from, one.get()));
}

TEST_P(sessions, with_tickets_off_and_no_cache_nothing_is_sent_and_nothing_resumes) {
    settings.session_tickets = false;
    for (const auto kind : {cache::off, cache::none}) {
        settings.session_cache.type = kind;
        const auto one = server(in);
        const client from(GetParam());
        EXPECT_FALSE(resumes(from, one.get()));
        if (GetParam() == TLS1_3_VERSION) {
            EXPECT_TRUE(from.sessions().empty());
        }
        for (const auto& session : from.sessions()) EXPECT_EQ(SSL_SESSION_has_ticket(session.get()), 0);
        EXPECT_FALSE(resumes(from, one.get()));
    }
}

TEST_P(sessions, a_workers_own_cache_resumes_there_and_not_elsewhere) {
    settings.session_tickets = false;
    settings.session_cache = {cache::builtin, {}, 10};
    const auto one = server(in);
    const auto other = server(in);
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_TRUE(resumes(from, one.get()));
    EXPECT_FALSE(resumes(from, other.get()));
}

INSTANTIATE_TEST_SUITE_P(versions, sessions, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

using tls_1_3_sessions = sessions;

TEST_F(tls_1_3_sessions, one_ticket_is_sent) {
    const auto one = server(in);
    const client from;
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_EQ(from.sessions().size(), 1U);
}

TEST_F(tls_1_3_sessions, a_renewed_ticket_says_how_much_of_the_session_is_left) {
    using namespace std::chrono_literals;
    settings.session_timeout = 300s;
    const auto one = server(in);
    const client from;
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest()), 300U);
    clock_shows += 120;
    EXPECT_TRUE(resumes(from, one.get()));
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest()), 180U);
}

TEST_F(tls_1_3_sessions, a_cached_session_too_has_only_what_is_left) {
    using namespace std::chrono_literals;
    settings.session_timeout = 300s;
    settings.session_tickets = false;
    settings.session_cache = {cache::builtin, {}, 10};
    const auto one = server(in);
    const client from;
    EXPECT_FALSE(resumes(from, one.get()));
    clock_shows += 299;
    talk with(from, one.get(), from.newest());
    ASSERT_TRUE(with.handshake());
    EXPECT_EQ(SSL_SESSION_get_timeout(SSL_get0_session(with.server_end())), 1);
}

std::size_t session_id_length(SSL_CTX* server) {
    const client from(TLS1_2_VERSION);
    talk with(from, server);
    EXPECT_TRUE(with.handshake());
    unsigned length = 0;
    SSL_SESSION_get_id(SSL_get0_session(with.client_end()), &length);
    return length;
}

TEST_F(tls_1_3_sessions, in_tls_1_2_the_cache_none_gives_an_id_to_come_back_with_and_off_gives_none) {
    settings.session_tickets = false;
    settings.session_cache.type = cache::none;
    EXPECT_EQ(session_id_length(server(in).get()), 32U);
    settings.session_cache.type = cache::off;
    EXPECT_EQ(session_id_length(server(in).get()), 0U);
}

}  // namespace
}  // namespace postern::certs::testing
