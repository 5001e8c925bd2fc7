// What becomes of the tickets that clients offer, counted once a handshake, whoever does it.
#include "certs/sessions.hpp"
#include "tests/proxy/tls/engine_pair.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

std::time_t rules_are_ahead_by = 0;

struct offered_tickets : testing::TestWithParam<served_by> {
    certs::ticket_counts counts;
    certs::ssl_ctx_ptr from =
        GetParam() == served_by::tls_1_2 ? make_client(TLS1_2_VERSION, TLS1_2_VERSION) : make_client(TLS1_3_VERSION);
    certs::session_ptr newest;

    void TearDown() override { rules_are_ahead_by = 0; }

    certs::server_context server(own_server wanted = {}) {
        wanted.own = GetParam() == served_by::ourselves;
        wanted.now = [] { return std::time(nullptr) + rules_are_ahead_by; };
        auto made = make_own_server(wanted);
        certs::session_rules::of(made.get()).counts = &counts;
        return made;
    }

    // A handshake with the ticket that is there, whose place the next one takes. Whether it was a resumption.
    bool visit(SSL_CTX* at) {
        engine server(at, "localhost");
        client peer(from.get());
        if (newest) SSL_set_session(peer.ssl(), newest.get());
        for (int i = 0; i < 4 && !peer.shake(); ++i) peer.hear(shake(server, peer.sent()).output);
        peer.hear(shake(server, peer.sent()).output);
        EXPECT_EQ(peer.heard(), "");
        EXPECT_EQ(peer.alert(), "");
        without_openssl = server.did_without_openssl();
        const bool resumed = SSL_session_reused(peer.ssl()) == 1;
        newest.reset(SSL_get1_session(peer.ssl()));
        SSL_set_shutdown(peer.ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        return resumed;
    }

    // Accepted and rejected.
    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> counted() const {
        return {counts.accepted.value(), counts.rejected.value()};
    }

    bool without_openssl = false;  // the last visit's handshake was
};

using of = std::pair<std::uint64_t, std::uint64_t>;

// A pre-shared key of nobody's, which a client offers behind its ticket.
int offer_another_key(SSL* ssl, const EVP_MD*, const unsigned char** id, std::size_t* size, SSL_SESSION** session) {
    static constexpr std::array<std::uint8_t, 4> name{'k', 'e', 'y', '2'};
    static constexpr std::array<std::uint8_t, 2> suite{0x13, 0x01};
    static constexpr std::array<std::uint8_t, 32> secret{7};
    *session = SSL_SESSION_new();
    *id = name.data();
    *size = name.size();
    return SSL_SESSION_set1_master_key(*session, secret.data(), secret.size()) == 1 &&
                   SSL_SESSION_set_cipher(*session, SSL_CIPHER_find(ssl, suite.data())) == 1 &&
                   SSL_SESSION_set_protocol_version(*session, TLS1_3_VERSION) == 1
               ? 1
               : 0;
}

}  // namespace

TEST_P(offered_tickets, count_as_accepted_or_rejected_and_a_client_without_one_as_neither) {
    const auto ours = server();
    const auto of_other_keys = server();
    EXPECT_FALSE(visit(ours.get()));
    EXPECT_EQ(counted(), of(0, 0));
    EXPECT_TRUE(visit(ours.get()));
    EXPECT_EQ(counted(), of(1, 0));
    EXPECT_FALSE(visit(of_other_keys.get()));
    EXPECT_EQ(counted(), of(1, 1));
    EXPECT_EQ(without_openssl, GetParam() == served_by::ourselves);
}

TEST_P(offered_tickets, that_are_too_old_are_rejected) {
    const auto ours = server();
    EXPECT_FALSE(visit(ours.get()));
    rules_are_ahead_by = 400;
    EXPECT_FALSE(visit(ours.get()));
    EXPECT_EQ(counted(), of(0, 1));
}

TEST_P(offered_tickets, of_another_server_with_the_same_keys_are_rejected) {
    const auto keys = certs::make_ticket_keys();
    const auto one = server({.tickets = keys});
    const auto other = server({.kinds = {certs::key_kind::rsa_2048}, .tickets = keys});
    EXPECT_FALSE(visit(one.get()));
    EXPECT_FALSE(visit(other.get()));
    EXPECT_EQ(counted(), of(0, 1));
}

TEST_P(offered_tickets, are_none_where_sessions_go_by_id) {
    config::ssl settings;
    settings.session_tickets = false;
    settings.session_cache.type = config::session_cache::kind::builtin;
    const auto ours = server({settings});
    EXPECT_FALSE(visit(ours.get()));
    EXPECT_TRUE(visit(ours.get()));
    EXPECT_EQ(counted(), of(0, 0));
}

INSTANTIATE_TEST_SUITE_P(whoever, offered_tickets,
                         testing::Values(served_by::tls_1_2, served_by::our_records, served_by::ourselves),
                         [](const auto& way) {
                             switch (way.param) {
                                 case served_by::tls_1_2: return "libssl_in_tls_1_2";
                                 case served_by::ourselves: return "ourselves";
                                 default: return "libssl_in_tls_1_3";
                             }
                         });

// These handshakes are libssl's in any case.
struct offered_keys : offered_tickets {};
INSTANTIATE_TEST_SUITE_P(whoever, offered_keys, testing::Values(served_by::ourselves),
                         [](const auto&) { return "libssl_for_us"; });

TEST_P(offered_keys, count_once_when_the_server_asks_for_another_hello) {
    config::ssl settings;
    settings.ecdh_curve = "X25519";
    const auto ours = server({settings});
    const auto of_other_keys = server({settings});
    SSL_CTX_set1_groups_list(from.get(), "P-256:X25519");  // it sends a share of the first
    EXPECT_FALSE(visit(ours.get()));
    EXPECT_TRUE(visit(ours.get()));
    EXPECT_EQ(counted(), of(1, 0));
    EXPECT_FALSE(visit(of_other_keys.get()));
    EXPECT_EQ(counted(), of(1, 1));
    EXPECT_FALSE(without_openssl);
}

TEST_P(offered_keys, count_once_however_many_there_are) {
    const auto ours = server();
    const auto of_other_keys = server();
    EXPECT_FALSE(visit(ours.get()));
    SSL_CTX_set_psk_use_session_callback(from.get(), offer_another_key);
    EXPECT_TRUE(visit(ours.get()));
    EXPECT_FALSE(visit(of_other_keys.get()));
    EXPECT_EQ(counted(), of(1, 1));
    EXPECT_FALSE(without_openssl);
}
