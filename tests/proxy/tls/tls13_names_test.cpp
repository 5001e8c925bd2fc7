// Handshakes without libssl where names choose among certificates: the client is shown what libssl shows it.
#include "certs/facts.hpp"
#include "certs/identity.hpp"
#include "tests/proxy/tls/engine_pair.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;

namespace {

std::shared_ptr<const certs::identity> for_names(std::vector<std::string> names, certs::key_kind kind) {
    static const certs::development_authority authority;
    const auto files = authority.issue({std::move(names), kind});
    config::problems found;
    return certs::parse_identity(0, files.certificate, files.key, {}, found);
}

struct sight {
    std::string fingerprint;  // of what the client was shown; empty: it was refused
    std::string staple;
    bool without_openssl = false;
};

constexpr const char* address = "192.0.2.7";

sight look(SSL_CTX* at, const std::string& name, const char* algorithms) {
    const auto context = make_client(TLS1_3_VERSION);
    EXPECT_EQ(SSL_CTX_set1_sigalgs_list(context.get(), algorithms), 1);
    SSL_CTX_set_tlsext_status_type(context.get(), TLSEXT_STATUSTYPE_ocsp);
    // The opening takes an address for no name.
    engine server(at, name == address ? "" : name);
    client peer(context.get(), name);
    peer.shake();
    peer.hear(shake(server, peer.sent()).output);
    if (!peer.shake()) return {};
    EXPECT_EQ(shake(server, peer.sent()).status, step::done);
    const unsigned char* response = nullptr;
    const long length = SSL_get_tlsext_status_ocsp_resp(peer.ssl(), &response);
    return {certs::fingerprint(SSL_get0_peer_certificate(peer.ssl())),
            length > 0 ? std::string(response, response + length) : std::string(), server.did_without_openssl()};
}

constexpr const char* ec = "ECDSA+SHA256";
constexpr const char* rsa = "RSA-PSS+SHA256";
constexpr const char* both = "RSA-PSS+SHA256:ECDSA+SHA256";

struct several : testing::Test {
    own_server of() {
        return {.staples = {nullptr, staple_of_b},
                .identities = {for_names({"a.example", "*.a.example"}, certs::key_kind::ec_p256),
                               for_names({"b.example"}, certs::key_kind::ec_p256),
                               for_names({"b.example"}, certs::key_kind::rsa_2048),
                               for_names({"192.0.2.7"}, certs::key_kind::ec_p256)}};
    }
    std::shared_ptr<certs::staple_slot> staple_of_b = std::make_shared<certs::staple_slot>();
};

}  // namespace

TEST_F(several, are_shown_by_name_as_libssl_shows_them) {
    auto wanted = of();
    const auto ours = make_own_server(wanted);
    wanted.own = false;
    const auto libssls = make_own_server(wanted);
    // Twice: what a name has been shown is kept.
    for (int i = 0; i < 2; ++i)
        for (const char* name : {"a.example", "www.a.example", "b.example", "c.example", address, ""})
            for (const char* algorithms : {ec, rsa, both}) {
                const auto seen = look(ours.get(), name, algorithms);
                const auto expected = look(libssls.get(), name, algorithms);
                EXPECT_EQ(seen.fingerprint, expected.fingerprint) << name << " with " << algorithms;
                EXPECT_EQ(seen.without_openssl, !seen.fingerprint.empty()) << name << " with " << algorithms;
                EXPECT_FALSE(expected.without_openssl);
            }
}

TEST_F(several, have_each_their_own) {
    const auto wanted = of();
    const auto server = make_own_server(wanted);
    const auto& all = wanted.identities;
    EXPECT_EQ(look(server.get(), "a.example", ec).fingerprint, all[0]->fingerprint);
    EXPECT_EQ(look(server.get(), address, ec).fingerprint, all[0]->fingerprint);
    EXPECT_EQ(look(server.get(), "b.example", ec).fingerprint, all[1]->fingerprint);
    EXPECT_EQ(look(server.get(), "b.example", rsa).fingerprint, all[2]->fingerprint);
    // a.example has nothing of RSA.
    EXPECT_EQ(look(server.get(), "a.example", rsa).fingerprint, "");
}

TEST_F(several, have_staples_of_their_own) {
    const auto server = make_own_server(of());
    auto made = std::make_shared<certs::staple>();
    made->response = {'o', 'k'};
    made->next_update = std::chrono::system_clock::now() + std::chrono::hours(1);
    EXPECT_EQ(look(server.get(), "b.example", ec).staple, "");
    staple_of_b->now = made;
    EXPECT_EQ(look(server.get(), "b.example", ec).staple, "ok");
    EXPECT_EQ(look(server.get(), "b.example", rsa).staple, "");
    EXPECT_EQ(look(server.get(), "a.example", ec).staple, "");
}
