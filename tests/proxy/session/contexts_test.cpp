// From a snapshot's settings to a server's TLS context.
#include "proxy/session/contexts.hpp"

#include "proxy/tls/provider.hpp"

#include "tests/certs/support.hpp"
#include "tests/proxy/tls/wrong_provider.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;

namespace {

// A handshake of stock OpenSSL with the context made of these settings, in a library where a wrong provider has the
// place of ours: it fails if that was used.
bool handshake_works(config::key_schedule by) {
    certs::library library;
    EXPECT_EQ(library.add(tls::provider_name, tls::testing::wrong_provider), "");
    snapshot of;
    of.settings.tls.key_schedule = by;
    of.settings.servers.emplace_back().ssl.emplace();
    of.identities = {{certs::testing::issued(certs::key_kind::ec_p256)}};
    of.trust.resize(1);
    of.caches.resize(1);
    of.dh_parameters.resize(1);
    config::problems problems;
    const auto made = make_server_context(of, 0, {}, library, problems);
    EXPECT_TRUE(problems.empty());
    // Without the engine nobody can answer it.
    SSL_CTX_set_client_hello_cb(made.get(), nullptr, nullptr);
    const certs::testing::client peer;
    certs::testing::talk t(peer, made.get());
    return t.handshake();
}

}  // namespace

TEST(contexts, the_key_schedule_is_whose_the_settings_say) {
    EXPECT_TRUE(handshake_works(config::key_schedule::openssl));
    EXPECT_FALSE(handshake_works(config::key_schedule::postern));
}
