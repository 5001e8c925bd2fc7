// Tickets as OpenSSL seals and opens them with our keys: whole and damaged ones, old keys, changed keys.
#include "certs/ticket_callback.hpp"

#include "certs/session_time.hpp"
#include "certs/sessions.hpp"
#include "certs/ticket_secret.hpp"
#include "tests/certs/clock.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <functional>

namespace postern::certs::testing {
namespace {

using namespace std::chrono_literals;

using bytes = std::vector<std::uint8_t>;

constexpr std::size_t name_size = 16;
constexpr std::size_t iv_size = 16;
constexpr std::size_t mac_size = 32;

bytes ticket_of(SSL_SESSION* session) {
    const unsigned char* at = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket(session, &at, &size);
    return {at, at + size};
}

// A client's session with another ticket of the same length.
session_ptr with_ticket(SSL_SESSION* session, const bytes& ticket) {
    bytes encoded(static_cast<std::size_t>(i2d_SSL_SESSION(session, nullptr)));
    auto* into = encoded.data();
    i2d_SSL_SESSION(session, &into);
    const auto original = ticket_of(session);
    const auto place = std::search(encoded.begin(), encoded.end(), original.begin(), original.end());
    EXPECT_NE(place, encoded.end());
    EXPECT_EQ(original.size(), ticket.size());
    std::copy(ticket.begin(), ticket.end(), place);
    const auto* from = encoded.data();
    return session_ptr(d2i_SSL_SESSION(nullptr, &from, static_cast<long>(encoded.size())));
}

ticket_key_ptr key_of(std::size_t size, std::uint8_t filled_with) {
    return std::make_shared<const ticket_key>(*ticket_key::of(secret(bytes(size, filled_with))));
}

std::shared_ptr<const ticket_keys> keys_of(std::vector<ticket_key_ptr> all) {
    return std::make_shared<const ticket_keys>(std::move(all));
}

// What our rules see; OpenSSL, and so the client, sees the true clock.
std::time_t rules_are_ahead_by = 0;

bool begins_with(const bytes& ticket, const ticket_key& key) {
    return ticket.size() > name_size && std::equal(key.name().begin(), key.name().end(), ticket.begin());
}

struct tickets : ::testing::TestWithParam<int> {
    const library in;
    config::ssl settings;
    const ticket_key_ptr one = key_of(80, 1);
    const ticket_key_ptr other = key_of(48, 2);
    mutable ticket_counts counts;

    void TearDown() override { clock_is_ahead_by = rules_are_ahead_by = 0; }

    server_context server(std::shared_ptr<const ticket_keys> keys) const {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {issued(key_kind::ec_p256)};
        plan.tickets = std::move(keys);
        plan.counts = &counts;
        plan.now = [] { return std::time(nullptr) + rules_are_ahead_by; };
        return serve(plan, in);
    }

    // The ticket that a client is left with which comes with this session (in TLS 1.3, that it was given), and whether it
    // was resumed.
    static std::pair<bytes, bool> visit(const client& from, SSL_CTX* server, SSL_SESSION* session) {
        const auto before = from.sessions().size();
        talk with(from, server, session);
        EXPECT_TRUE(with.handshake()) << with.client_error() << " / " << with.server_error();
        if (SSL_version(with.client_end()) < TLS1_3_VERSION)
            return {ticket_of(SSL_get0_session(with.client_end())), with.resumed()};
        const bool given = from.sessions().size() > before;
        return {given ? ticket_of(from.newest()) : bytes(), with.resumed()};
    }

    // Whether the session is resumed; in its place comes what the client is left with. (OpenSSL's client tells nobody of a
    // renewed ticket in TLS 1.2, and resumes the session that had the old one no more.)
    static bool returns(const client& from, SSL_CTX* server, session_ptr& session) {
        talk with(from, server, session.get());
        EXPECT_TRUE(with.handshake()) << with.client_error() << " / " << with.server_error();
        const bool by_callback = SSL_version(with.client_end()) >= TLS1_3_VERSION;
        SSL_SESSION* left = by_callback ? from.newest() : SSL_get0_session(with.client_end());
        SSL_SESSION_up_ref(left);
        session.reset(left);
        return with.resumed();
    }
};

TEST_P(tickets, are_counted_when_they_are_made) {
    const auto context = server(keys_of({one}));
    const client from(GetParam());
    static_cast<void>(visit(from, context.get(), nullptr));
    EXPECT_EQ(counts.issued.value(), 1U);
}

TEST_P(tickets, count_by_what_they_were_good_for) {
    const auto context = server(keys_of({one}));
    count_offered_ticket(context.get(), true);
    EXPECT_EQ(counts.accepted.value(), 1U);
    EXPECT_EQ(counts.rejected.value(), 0U);
    count_offered_ticket(context.get(), false);
    EXPECT_EQ(counts.accepted.value(), 1U);
    EXPECT_EQ(counts.rejected.value(), 1U);
}

TEST_P(tickets, are_sealed_by_the_first_key_as_nginx_does) {
    for (const auto& key : {one, other}) {
        const auto context = server(keys_of({key, key_of(80, 9)}));
        const client from(GetParam());
        const auto ticket = visit(from, context.get(), nullptr).first;
        ASSERT_GT(ticket.size(), name_size + iv_size + mac_size);
        EXPECT_TRUE(begins_with(ticket, *key));
        // HMAC-SHA256 over name, IV and what AES-CBC made: seen from outside.
        bytes mac(mac_size);
        HMAC(EVP_sha256(), key->hmac().data(), static_cast<int>(key->hmac().size()), ticket.data(),
             ticket.size() - mac_size, mac.data(), nullptr);
        EXPECT_TRUE(std::equal(mac.begin(), mac.end(), ticket.end() - mac_size));
        EXPECT_EQ((ticket.size() - name_size - iv_size - mac_size) % 16, 0U);
    }
}

TEST_P(tickets, of_every_key_resume_and_those_of_an_older_one_are_renewed_by_the_first) {
    const auto before = server(keys_of({other}));
    const auto after = server(keys_of({one, other}));
    const client from(GetParam());
    const auto old = visit(from, before.get(), nullptr).first;
    ASSERT_TRUE(begins_with(old, *other));
    const auto [renewed, resumed] = visit(from, after.get(), from.newest());
    EXPECT_TRUE(resumed);
    EXPECT_TRUE(begins_with(renewed, *one));
}

TEST_P(tickets, by_the_first_key_are_renewed_in_tls_1_3_alone) {
    const auto context = server(keys_of({one}));
    const client from(GetParam());
    const auto first = visit(from, context.get(), nullptr).first;
    const auto [second, resumed] = visit(from, context.get(), from.newest());
    EXPECT_TRUE(resumed);
    EXPECT_EQ(first != second, GetParam() == TLS1_3_VERSION);
}

TEST_P(tickets, by_a_key_that_is_gone_mean_a_full_handshake_and_a_new_ticket) {
    const auto context = server(keys_of({other}));
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, context.get()));
    use_ticket_keys(context.get(), keys_of({one}));
    const auto [fresh, resumed] = visit(from, context.get(), from.newest());
    EXPECT_FALSE(resumed);
    EXPECT_TRUE(begins_with(fresh, *one));
    EXPECT_TRUE(resumes(from, context.get()));
}

TEST_P(tickets, with_any_byte_damaged_mean_a_full_handshake_and_a_new_ticket) {
    const auto context = server(keys_of({one}));
    const client from(GetParam());
    const auto whole = visit(from, context.get(), nullptr).first;
    const session_ptr session(SSL_SESSION_dup(from.newest()));
    ASSERT_TRUE(visit(from, context.get(), with_ticket(session.get(), whole).get()).second);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto damaged = whole;
        damaged[i] ^= 0x80;
        const auto [fresh, resumed] = visit(from, context.get(), with_ticket(session.get(), damaged).get());
        EXPECT_FALSE(resumed) << "byte " << i;
        EXPECT_TRUE(begins_with(fresh, *one)) << "byte " << i;
        EXPECT_NE(fresh, whole) << "byte " << i;
    }
}

TEST_P(tickets, with_the_name_of_one_key_and_the_seal_of_another_are_none) {
    const auto impostor = [&] {
        bytes same_name(80, 7);
        std::fill_n(same_name.begin(), name_size, std::uint8_t{1});
        return std::make_shared<const ticket_key>(*ticket_key::of(secret(std::move(same_name))));
    }();
    const auto theirs = server(keys_of({impostor}));
    const auto ours = server(keys_of({one}));
    const client from(GetParam());
    ASSERT_TRUE(begins_with(visit(from, theirs.get(), nullptr).first, *one));
    EXPECT_FALSE(resumes(from, ours.get()));
}

TEST_P(tickets, keys_change_while_handshakes_are_under_way_and_nobody_fails) {
    const auto context = server(keys_of({other, one}));
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, context.get()));
    talk with(from, context.get(), from.newest());
    // The ClientHello has been answered, the ticket of TLS 1.3 not been written.
    SSL_do_handshake(with.client_end());
    SSL_do_handshake(with.server_end());
    use_ticket_keys(context.get(), keys_of({one, other}));
    ASSERT_TRUE(with.handshake()) << with.server_error();
    EXPECT_TRUE(with.resumed());
    EXPECT_TRUE(resumes(from, context.get()));
}

TEST_P(tickets, replicas_with_one_secret_resume_each_others_through_a_change_of_epochs) {
    const auto replica = [] {
        std::vector<secret> from;
        from.emplace_back(bytes(32, 5));
        return derived_tickets(std::move(from));
    };
    settings.session_timeout = 10min;
    const ticket_terms terms{1h, 10min};
    const auto source_a = replica();
    const auto source_b = replica();
    const auto turn = [&](std::time_t now) {
        source_a->turn(now, terms);
        source_b->turn(now + 30, terms);  // its clock is ahead
    };
    // 100 seconds before an epoch ends.
    std::time_t now = 500'000 * 3600 - 100;
    turn(now);
    const auto a = server(source_a->keys());
    const auto b = server(source_b->keys());
    const client from(GetParam());
    session_ptr session;
    EXPECT_FALSE(returns(from, a.get(), session));
    EXPECT_TRUE(returns(from, b.get(), session));
    for (const int later : {75, 20, 10, 300}) {
        // First b alone is in the new epoch, then both are.
        turn(now += later);
        use_ticket_keys(a.get(), source_a->keys());
        use_ticket_keys(b.get(), source_b->keys());
        EXPECT_TRUE(returns(from, a.get(), session)) << later;
        EXPECT_TRUE(returns(from, b.get(), session)) << later;
        EXPECT_TRUE(returns(from, b.get(), session)) << later;
        EXPECT_TRUE(returns(from, a.get(), session)) << later;
    }
    EXPECT_NE(sealing_ticket_key(a.get()), nullptr);
    EXPECT_EQ(bytes(sealing_ticket_key(a.get())->name().begin(), sealing_ticket_key(a.get())->name().end()),
              bytes(sealing_ticket_key(b.get())->name().begin(), sealing_ticket_key(b.get())->name().end()));
}

TEST_P(tickets, of_a_server_whose_clock_is_a_minute_ahead_resume_and_of_one_further_ahead_do_not) {
    const auto a = server(keys_of({one}));
    const auto b = server(keys_of({one}));
    for (const auto& [ahead, resumed] : {std::pair(1, true), std::pair(60, true), std::pair(62, false)}) {
        const client from(GetParam());
        clock_is_ahead_by = ahead;
        EXPECT_FALSE(resumes(from, a.get()));
        clock_is_ahead_by = 0;
        // The client's own clock is right.
        set_time(from.newest(), std::time(nullptr));
        EXPECT_EQ(resumes(from, b.get()), resumed) << ahead;
    }
}

TEST_P(tickets, a_chain_of_renewals_over_two_servers_and_two_keys_ends_on_time) {
    settings.session_timeout = 300s;
    const auto a = server(keys_of({one, other}));
    const auto b = server(keys_of({other, one}));
    const client from(GetParam());
    session_ptr session;
    EXPECT_FALSE(returns(from, a.get(), session));
    for (const auto* to : {&b, &a, &b}) {
        rules_are_ahead_by += 99;
        EXPECT_TRUE(returns(from, to->get(), session));
    }
    rules_are_ahead_by += 5;
    EXPECT_FALSE(returns(from, a.get(), session));
}

INSTANTIATE_TEST_SUITE_P(versions, tickets, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

struct tls_1_2_tickets : tickets {};

TEST_F(tls_1_2_tickets, of_any_length_but_their_own_mean_a_full_handshake) {
    const auto context = server(keys_of({one}));
    const client from(TLS1_2_VERSION);
    auto ticket = visit(from, context.get(), nullptr).first;
    ticket.push_back(0);
    for (std::size_t size = 1; size <= ticket.size(); ++size) {
        if (size == ticket.size() - 1) continue;
        talk with(from, context.get());
        ASSERT_EQ(SSL_set_session_ticket_ext(with.client_end(), ticket.data(), static_cast<int>(size)), 1);
        ASSERT_TRUE(with.handshake()) << size << ": " << with.server_error();
        EXPECT_FALSE(with.resumed()) << size;
        EXPECT_EQ(SSL_SESSION_has_ticket(SSL_get0_session(with.client_end())), 1) << size;
    }
}

TEST_F(tls_1_2_tickets, no_key_seals_where_tickets_are_off_or_openssl_has_its_own) {
    EXPECT_EQ(sealing_ticket_key(server(nullptr).get()), nullptr);
    EXPECT_EQ(sealing_ticket_key(server(keys_of({one, other})).get()), one.get());
    settings.session_tickets = false;
    EXPECT_EQ(sealing_ticket_key(server(keys_of({one})).get()), nullptr);
}

}  // namespace
}  // namespace postern::certs::testing
