// Resumption by id from one cache: `session_cache: shared:...`.
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace postern::certs::testing {
namespace {

using namespace std::chrono_literals;

std::time_t clock_shows = 0;

// In TLS 1.2 ids, in TLS 1.3 tickets that are nothing but ids.
struct shared_sessions : ::testing::TestWithParam<int> {
    const library in;
    const library other;
    config::ssl settings;
    std::shared_ptr<session_cache> cache = std::make_shared<session_cache>(1 << 20);
    const client from{GetParam()};

    void SetUp() override {
        clock_shows = 1'000'000;
        settings.session_tickets = false;
        settings.session_cache = {config::session_cache::kind::shared, "", 1 << 20};
        settings.session_timeout = 300s;
    }

    server_context server(const library& made_in, identity_ptr id = issued(key_kind::ec_p256)) const {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {std::move(id)};
        plan.cache = cache;
        plan.now = [] { return clock_shows; };
        return serve(plan, made_in);
    }
};

TEST_P(shared_sessions, a_session_of_one_worker_resumes_on_another) {
    const auto one_worker = server(in);
    const auto another = server(other);
    EXPECT_FALSE(resumes(from, one_worker.get()));
    EXPECT_TRUE(resumes(from, another.get()));
    EXPECT_TRUE(resumes(from, one_worker.get()));
    EXPECT_TRUE(resumes(from, another.get()));
    EXPECT_EQ(cache->count().hits, 3U);
}

TEST_P(shared_sessions, one_session_resumes_for_several_connections) {
    const auto one = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    for (int i = 0; i < 3; ++i) {
        // OpenSSL's client does not offer a session of TLS 1.3 twice, others do.
        const session_ptr again(SSL_SESSION_dup(from.sessions().front().get()));
        talk with(from, one.get(), again.get());
        ASSERT_TRUE(with.handshake()) << with.server_error();
        EXPECT_TRUE(with.resumed());
    }
}

TEST_P(shared_sessions, workers_resume_each_others_sessions_at_the_same_time) {
    const auto first = server(in);
    EXPECT_FALSE(resumes(from, first.get()));
    const auto id = issued(key_kind::ec_p256);
    std::vector<int> resumed(3);
    std::vector<std::thread> workers;
    workers.reserve(resumed.size());
    for (auto& count : resumed)
        workers.emplace_back([&, again = session_ptr(SSL_SESSION_dup(from.newest()))] {
            const library own;
            const auto one = server(own, id);
            const client visitor(GetParam());
            talk with(visitor, one.get(), again.get());
            count += with.handshake() && with.resumed() ? 1 : 0;
            // Its own after that, among the others' stores.
            for (int i = 0; i < 10; ++i) count += resumes(visitor, one.get()) ? 1 : 0;
        });
    for (auto& worker : workers) worker.join();
    // In TLS 1.2 a resumption brings no session, so that a visitor's second connection has none to offer.
    EXPECT_EQ(resumed, std::vector<int>(3, GetParam() == TLS1_3_VERSION ? 11 : 10));
}

TEST_P(shared_sessions, a_context_made_anew_with_the_cache_goes_on_with_what_is_in_it) {
    {
        const auto before = server(in);
        EXPECT_FALSE(resumes(from, before.get()));
    }
    const auto after = server(in);
    EXPECT_TRUE(resumes(from, after.get()));
}

TEST_P(shared_sessions, without_a_cache_from_outside_a_context_has_one_of_its_own) {
    cache = nullptr;
    const auto one = server(in);
    const auto another = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_TRUE(resumes(from, one.get()));
    EXPECT_FALSE(resumes(from, another.get()));
}

TEST_P(shared_sessions, a_session_does_not_move_to_a_server_with_another_certificate_or_other_rules_for_clients) {
    const auto one = server(in);
    const auto with_other_certificate = server(in, issued(key_kind::ec_p256, "other.example"));
    settings.verify_depth = 3;
    const auto with_other_rules = server(in);
    for (const auto* another : {&with_other_certificate, &with_other_rules}) {
        const client visitor(GetParam());
        EXPECT_FALSE(resumes(visitor, one.get()));
        const auto hits = cache->count().hits;
        EXPECT_FALSE(resumes(visitor, another->get()));
        EXPECT_EQ(cache->count().hits, hits + 1) << "it was there, and refused";
    }
}

TEST_P(shared_sessions, a_session_refused_by_another_server_still_resumes_on_its_own) {
    const auto one = server(in);
    const auto another = server(in, issued(key_kind::ec_p256, "other.example"));
    EXPECT_FALSE(resumes(from, one.get()));
    for (auto* to : {another.get(), one.get()}) {
        talk with(from, to, from.sessions().front().get());
        ASSERT_TRUE(with.handshake()) << with.server_error();
        EXPECT_EQ(with.resumed(), to == one.get());
    }
}

TEST_P(shared_sessions, session_timeout_counts_from_the_first_handshake_however_often_it_is_resumed) {
    const auto one = server(in);
    const auto another = server(other);
    EXPECT_FALSE(resumes(from, one.get()));
    for (const int later : {100, 100, 100}) {
        clock_shows += later;
        EXPECT_TRUE(resumes(from, another.get()));
    }
    clock_shows += 1;
    EXPECT_FALSE(resumes(from, one.get()));
    // The full handshake began a new life.
    clock_shows += 300;
    EXPECT_TRUE(resumes(from, another.get()));
}

TEST_P(shared_sessions, a_shorter_session_timeout_counts_for_sessions_kept_before) {
    const auto before = server(in);
    settings.session_timeout = 60s;
    const auto after = server(in);
    EXPECT_FALSE(resumes(from, before.get()));
    clock_shows += 60;
    EXPECT_TRUE(resumes(from, after.get()));
    clock_shows += 1;
    EXPECT_FALSE(resumes(from, after.get()));
}

TEST_P(shared_sessions, a_session_from_further_ahead_than_clocks_differ_means_a_full_handshake) {
    const auto one = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    clock_shows -= 60;
    EXPECT_TRUE(resumes(from, one.get()));
    clock_shows -= 1;
    EXPECT_FALSE(resumes(from, one.get()));
}

TEST_P(shared_sessions, bytes_that_are_no_session_mean_a_full_handshake) {
    const auto one = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    // What a client gives for an id: in TLS 1.3 its ticket.
    std::vector<std::uint8_t> id;
    if (GetParam() == TLS1_3_VERSION) {
        const unsigned char* ticket = nullptr;
        std::size_t length = 0;
        SSL_SESSION_get0_ticket(from.newest(), &ticket, &length);
        id.assign(ticket, ticket + length);
    } else {
        unsigned length = 0;
        const auto* begin = SSL_SESSION_get_id(from.newest(), &length);
        id.assign(begin, begin + length);
    }
    ASSERT_EQ(id.size(), 32U);
    ASSERT_TRUE(cache->store(id, secret({0x30, 0x03, 0x02, 0x01, 0x09}), clock_shows, clock_shows + 300));
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_TRUE(resumes(from, one.get()));
}

TEST_P(shared_sessions, a_session_whose_connection_failed_is_forgotten) {
    const auto one = server(in);
    talk with(from, one.get());
    ASSERT_TRUE(with.handshake());
    ASSERT_EQ(cache->count().sessions, 1U);
    // A record of application data that does not decrypt.
    const std::string forged = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
    ASSERT_EQ(BIO_write(SSL_get_wbio(with.client_end()), forged.data(), static_cast<int>(forged.size())), 37);
    char byte = 0;
    EXPECT_LE(SSL_read(with.server_end(), &byte, 1), 0);
    EXPECT_FALSE(take_errors().empty());
    EXPECT_EQ(cache->count().sessions, 0U);
    EXPECT_FALSE(resumes(from, one.get()));
}

TEST_P(shared_sessions, tickets_never_come_near_the_cache) {
    settings.session_tickets = true;
    const auto one = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    EXPECT_TRUE(resumes(from, one.get()));
    const auto all = cache->count();
    EXPECT_EQ(all.sessions, 0U);
    EXPECT_EQ(all.hits + all.misses, 0U);
}

INSTANTIATE_TEST_SUITE_P(versions, shared_sessions, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

struct tls_1_3_shared_sessions : shared_sessions {};

TEST_P(tls_1_3_shared_sessions, one_ticket_is_sent_and_it_is_an_id) {
    const auto one = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    ASSERT_EQ(from.sessions().size(), 1U);
    const unsigned char* ticket = nullptr;
    std::size_t length = 0;
    SSL_SESSION_get0_ticket(from.newest(), &ticket, &length);
    EXPECT_EQ(length, 32U);
}

TEST_P(tls_1_3_shared_sessions, each_resumption_brings_a_ticket_for_what_is_left_of_the_session) {
    const auto one = server(in);
    EXPECT_FALSE(resumes(from, one.get()));
    clock_shows += 120;
    EXPECT_TRUE(resumes(from, one.get()));
    EXPECT_EQ(from.sessions().size(), 2U);
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest()), 180U);
    EXPECT_TRUE(resumes(from, one.get()));
}

INSTANTIATE_TEST_SUITE_P(tls_1_3, tls_1_3_shared_sessions, ::testing::Values(TLS1_3_VERSION));

struct tls_1_2_shared_sessions : shared_sessions {};

TEST_P(tls_1_2_shared_sessions, a_client_without_tickets_resumes_by_id_though_others_may_have_tickets) {
    settings.session_tickets = true;
    SSL_CTX_set_options(from.context(), SSL_OP_NO_TICKET);
    const auto one_worker = server(in);
    const auto another = server(other);
    EXPECT_FALSE(resumes(from, one_worker.get()));
    EXPECT_EQ(SSL_SESSION_has_ticket(from.newest()), 0);
    EXPECT_TRUE(resumes(from, another.get()));
}

TEST_P(tls_1_2_shared_sessions, a_ticket_for_a_session_that_went_by_id_has_only_what_is_left_of_it) {
    settings.session_tickets = true;
    const auto one = server(in);
    SSL_CTX_set_options(from.context(), SSL_OP_NO_TICKET);
    EXPECT_FALSE(resumes(from, one.get()));
    SSL_CTX_clear_options(from.context(), SSL_OP_NO_TICKET);
    clock_shows += 200;
    talk by_id(from, one.get(), from.newest());
    ASSERT_TRUE(by_id.handshake());
    EXPECT_TRUE(by_id.resumed());
    SSL_SESSION* ticket = SSL_get0_session(by_id.client_end());
    ASSERT_EQ(SSL_SESSION_has_ticket(ticket), 1);
    for (const auto& [later, resumed] : {std::pair(100, true), std::pair(1, false)}) {
        clock_shows += later;
        talk by_ticket(from, one.get(), ticket);
        ASSERT_TRUE(by_ticket.handshake());
        EXPECT_EQ(by_ticket.resumed(), resumed);
    }
}

INSTANTIATE_TEST_SUITE_P(tls_1_2, tls_1_2_shared_sessions, ::testing::Values(TLS1_2_VERSION));

}  // namespace
}  // namespace postern::certs::testing
