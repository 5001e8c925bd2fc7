// The tickets that we make in libssl's place: what they say, that libssl opens them, and for how long they are good.
#include "returning.hpp"

#include "certs/ticket_callback.hpp"
#include "proxy/tls/session_ticket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

std::time_t clock_shows = 0;

certs::ticket_key key_of(std::size_t size) {
    bytes all(size);
    for (std::size_t i = 0; i < size; ++i) all[i] = static_cast<std::uint8_t>(i);
    return *certs::ticket_key::of(certs::secret(std::move(all)));
}

bytes ticket_of(const SSL_SESSION* session) {
    const unsigned char* data = nullptr;
    std::size_t length = 0;
    SSL_SESSION_get0_ticket(session, &data, &length);
    return {data, data + length};
}

// In the client's own encoding of a session its ticket stands as it came.
certs::session_ptr with_changed_ticket(SSL_SESSION* session, std::size_t at) {
    bytes encoded(static_cast<std::size_t>(i2d_SSL_SESSION(session, nullptr)));
    auto* end = encoded.data();
    i2d_SSL_SESSION(session, &end);
    const auto ticket = ticket_of(session);
    const auto found = std::search(encoded.begin(), encoded.end(), ticket.begin(), ticket.end());
    if (found == encoded.end()) return nullptr;
    found[static_cast<std::ptrdiff_t>(at)] ^= 1;
    const auto* begin = encoded.data();
    return certs::session_ptr(d2i_SSL_SESSION(nullptr, &begin, static_cast<long>(encoded.size())));
}

}  // namespace

TEST(session_ticket, is_a_message_of_rfc_8446_around_a_ticket_of_rfc_5077) {
    const auto some_key = key_of(80);
    const bytes session(100, 's');
    const auto message = new_session_ticket(session, 300, some_key, library().handle());
    // Name and IV, 100 bytes and their padding, MAC.
    constexpr std::size_t ticket = 16 + 16 + 112 + 32;
    ASSERT_EQ(message.size(), 4 + 4 + 4 + 2 + 2 + ticket + 2);
    const bytes begin(message.begin(), message.begin() + 8);
    EXPECT_EQ(begin, (bytes{4, 0, 0, static_cast<std::uint8_t>(message.size() - 4), 0, 0, 1, 44}));
    const bytes nonce_and_length(message.begin() + 12, message.begin() + 16);
    EXPECT_EQ(nonce_and_length, (bytes{1, 0, 0, ticket}));
    EXPECT_TRUE(std::equal(some_key.name().begin(), some_key.name().end(), message.begin() + 16));
    EXPECT_EQ(bytes(message.end() - 2, message.end()), (bytes{0, 0}));
}

TEST(session_ticket, never_lives_longer_than_a_week) {
    const auto message = new_session_ticket(bytes(10, 's'), 1'000'000, key_of(48), library().handle());
    ASSERT_GT(message.size(), 8U);
    EXPECT_EQ(bytes(message.begin() + 4, message.begin() + 8), (bytes{0, 9, 0x3a, 0x80}));
}

TEST(session_ticket, is_another_one_each_time_also_for_the_same_session) {
    const auto some_key = key_of(80);
    std::set<bytes> iv_and_age;
    const bytes session(100, 's');
    for (int i = 0; i < 100; ++i) {
        const auto message = new_session_ticket(session, 300, some_key, library().handle());
        ASSERT_GT(message.size(), 48U);
        EXPECT_TRUE(iv_and_age.insert(bytes(message.begin() + 8, message.begin() + 12)).second);
        EXPECT_TRUE(iv_and_age.insert(bytes(message.begin() + 32, message.begin() + 48)).second);
    }
}

TEST(session_ticket, resumes_again_and_again_with_every_suite) {
    for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
        const auto server = make_server();
        returning from;
        ASSERT_EQ(SSL_CTX_set_ciphersuites(from.context.get(), suite), 1);
        EXPECT_FALSE(from.visit(server.get()));
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(from.visit(server.get())) << suite << " " << i;
    }
}

TEST(session_ticket, resumes_with_the_keys_of_either_kind_of_file) {
    for (const std::size_t size : {48U, 80U}) {
        const auto server = make_server();
        std::vector<certs::ticket_key_ptr> keys{std::make_shared<certs::ticket_key>(key_of(size))};
        certs::use_ticket_keys(server.get(), std::make_shared<certs::ticket_keys>(std::move(keys)));
        returning from;
        EXPECT_FALSE(from.visit(server.get()));
        const auto ticket = ticket_of(from.newest.get());
        EXPECT_TRUE(std::ranges::equal(key_of(size).name(), std::span(ticket).first(16)));
        EXPECT_TRUE(from.visit(server.get())) << size;
    }
}

TEST(session_ticket, is_no_use_when_a_bit_of_it_is_changed) {
    const auto server = make_server();
    returning from;
    EXPECT_FALSE(from.visit(server.get()));
    const std::size_t length = ticket_of(from.newest.get()).size();
    ASSERT_GT(length, 64U);
    for (std::size_t at = 0; at < length; ++at) {
        from.newest = with_changed_ticket(from.newest.get(), at);
        ASSERT_TRUE(from.newest);
        EXPECT_FALSE(from.visit(server.get())) << at;
        EXPECT_EQ(ticket_of(from.newest.get()).size(), length);
    }
}

TEST(session_ticket, of_other_keys_means_a_full_handshake_and_a_new_ticket) {
    const auto one = make_server();
    const auto other = make_server();
    returning from;
    EXPECT_FALSE(from.visit(one.get()));
    EXPECT_FALSE(from.visit(other.get()));
    EXPECT_TRUE(from.visit(other.get()));
}

TEST(session_ticket, lives_from_the_first_handshake_on_however_often_it_is_renewed) {
    using namespace std::chrono_literals;
    clock_shows = std::time(nullptr);
    config::ssl settings;
    settings.session_timeout = 300s;
    const auto server = make_server(settings, provider_query, [] { return clock_shows; });
    returning from;
    EXPECT_FALSE(from.visit(server.get()));
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest.get()), 300U);
    clock_shows += 200;
    EXPECT_TRUE(from.visit(server.get()));
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest.get()), 100U);
    clock_shows += 90;
    EXPECT_TRUE(from.visit(server.get()));
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest.get()), 10U);
    clock_shows += 20;
    EXPECT_FALSE(from.visit(server.get()));
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(from.newest.get()), 300U);
}

TEST(session_ticket, opens_again_and_not_when_a_byte_of_it_is_another) {
    for (const std::size_t size : {48U, 80U}) {
        const certs::ticket_keys keys({std::make_shared<const certs::ticket_key>(key_of(size))});
        const bytes session{1, 2, 3, 4, 5};
        const auto message = new_session_ticket(session, 1, keys.sealing(), library().handle());
        constexpr std::size_t before = 4 + 4 + 4 + 1 + ticket_nonce.size() + 2;
        bytes ticket(message.begin() + before, message.end() - 2);
        const auto opened = open_ticket(ticket, keys, library().handle());
        EXPECT_TRUE(std::ranges::equal(opened.bytes(), session));
        for (auto& byte : ticket) {
            byte ^= 1;
            EXPECT_TRUE(open_ticket(ticket, keys, library().handle()).bytes().empty());
            byte ^= 1;
        }
        for (std::size_t n = 0; n < ticket.size(); ++n)
            EXPECT_TRUE(open_ticket(std::span(ticket).first(n), keys, library().handle()).bytes().empty());
    }
}
