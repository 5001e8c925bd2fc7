// Staples in handshakes without libssl.
#include "tests/proxy/tls/engine_pair.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

std::time_t clock_shows = 1'000'000;

std::shared_ptr<const certs::staple> staple(bytes response, std::chrono::seconds left = std::chrono::hours(1)) {
    auto made = std::make_shared<certs::staple>();
    made->response = std::move(response);
    made->next_update = std::chrono::system_clock::from_time_t(clock_shows) + left;
    return made;
}

// What a client that asks, or does not, is sent with the certificate for which it has the algorithm.
bytes stapled(SSL_CTX* server, const char* algorithm, bool asks = true) {
    auto context = make_client(TLS1_3_VERSION);
    EXPECT_EQ(SSL_CTX_set1_sigalgs_list(context.get(), algorithm), 1);
    if (asks) SSL_CTX_set_tlsext_status_type(context.get(), TLSEXT_STATUSTYPE_ocsp);
    engine served(server, "localhost");
    client peer(context.get());
    peer.shake();
    peer.hear(shake(served, peer.sent()).output);
    EXPECT_TRUE(peer.shake()) << peer.alert();
    EXPECT_EQ(shake(served, peer.sent()).status, step::done);
    EXPECT_TRUE(served.did_without_openssl());
    const unsigned char* response = nullptr;
    const long length = SSL_get_tlsext_status_ocsp_resp(peer.ssl(), &response);
    return length > 0 ? bytes(response, response + length) : bytes();
}

}  // namespace

TEST(tls13_staple, a_client_that_asks_gets_the_staple_of_the_certificate_that_it_gets) {
    using enum certs::key_kind;
    constexpr const char* ec = "ECDSA+SHA256";
    constexpr const char* rsa = "RSA-PSS+SHA256";
    const auto slot = std::make_shared<certs::staple_slot>();
    const auto server =
        make_own_server({.kinds = {rsa_2048, ec_p256}, .now = [] { return clock_shows; }, .staples = {nullptr, slot}});
    EXPECT_EQ(stapled(server.get(), ec), bytes());
    slot->now = staple({1, 2, 3});
    EXPECT_EQ(stapled(server.get(), ec), (bytes{1, 2, 3}));
    EXPECT_EQ(stapled(server.get(), ec, false), bytes());
    EXPECT_EQ(stapled(server.get(), rsa), bytes());
    // One that takes more than a record.
    slot->now = staple(bytes(40'000, 7));
    EXPECT_EQ(stapled(server.get(), ec), bytes(40'000, 7));
    // ... and the largest that there can be.
    slot->now = staple(bytes(65'527, 7));
    EXPECT_EQ(stapled(server.get(), ec), bytes(65'527, 7));
    slot->now = staple({1, 2, 3}, std::chrono::seconds(0));
    EXPECT_EQ(stapled(server.get(), ec), bytes());
}
