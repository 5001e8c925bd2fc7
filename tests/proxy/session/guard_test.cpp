// Who may use a server, and what is said of who may not.
#include "proxy/session/guard.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;
using config::verify_mode;
using kind = certs::client_certificate::name::kind;

namespace {

config::server guarded(verify_mode mode, std::vector<config::allow_rule> allow = {}) {
    config::server s;
    s.ssl.emplace();
    s.ssl->verify_client = mode;
    s.allow = std::move(allow);
    return s;
}

certs::client_certificate shown(long result = X509_V_OK, const std::string& name = "alice") {
    certs::client_certificate made;
    made.verify_result = result;
    made.subject = "CN=" + name;
    made.names = {{kind::cn, name}};
    return made;
}

// "reason: detail"; empty: the client may.
std::string refused(const config::server& by, const certs::client_certificate* client) {
    const auto f = refuse_client(by, client, phase::request);
    if (!f) return {};
    EXPECT_EQ(f->by, party::client);
    EXPECT_EQ(f->during, phase::request);
    return std::string(to_string(f->why)) + ": " + f->detail;
}

}  // namespace

TEST(guard, each_fault_has_its_reason_and_names_whom_it_is_about) {
    const auto on = guarded(verify_mode::on);
    const auto why = [&](long result) {
        const auto client = shown(result);
        return refused(on, &client);
    };
    EXPECT_EQ(why(X509_V_OK), "");
    EXPECT_EQ(refused(on, nullptr), "client_cert_missing: ");
    EXPECT_EQ(why(X509_V_ERR_CERT_HAS_EXPIRED), "client_cert_expired: certificate has expired, of CN=alice");
    EXPECT_EQ(why(X509_V_ERR_CERT_NOT_YET_VALID), "client_cert_expired: certificate is not yet valid, of CN=alice");
    EXPECT_EQ(why(X509_V_ERR_CERT_REVOKED), "client_cert_revoked: certificate revoked, of CN=alice");
    EXPECT_EQ(why(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT),
              "client_cert_untrusted: self-signed certificate, of CN=alice");
    EXPECT_EQ(why(X509_V_ERR_CRL_HAS_EXPIRED), "client_cert_untrusted: CRL has expired, of CN=alice");
}

TEST(guard, allow_lets_in_whom_a_rule_names) {
    const auto alice = shown(), bob = shown(X509_V_OK, "bob");
    const auto on = guarded(verify_mode::on, {{.cn = "alice"}});
    EXPECT_EQ(refused(on, &alice), "");
    EXPECT_EQ(refused(on, &bob), "client_cert_denied: allow has no rule for CN=bob");
    const auto expired = shown(X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(refused(on, &expired), "client_cert_expired: certificate has expired, of CN=alice");
    EXPECT_EQ(refused(on, nullptr), "client_cert_missing: ");
}

TEST(guard, with_optional_and_allow_a_certificate_is_needed) {
    EXPECT_EQ(refused(guarded(verify_mode::optional), nullptr), "");
    EXPECT_EQ(refused(guarded(verify_mode::optional, {{.cn = "alice"}}), nullptr),
              "client_cert_denied: no certificate, and allow asks for one");
}

TEST(guard, a_pin_counts_for_a_certificate_that_nobody_vouches_for) {
    auto alice = shown(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
    const auto pinned = guarded(verify_mode::optional_no_ca, {{.spki_sha256 = std::string(64, '0')}});
    EXPECT_EQ(refused(pinned, &alice), "");
    alice.key_fingerprint[0] = 1;
    EXPECT_EQ(refused(pinned, &alice), "client_cert_denied: allow has no rule for CN=alice");
    EXPECT_EQ(refused(guarded(verify_mode::optional_no_ca), &alice), "");
}

TEST(guard, a_server_without_tls_or_that_asks_for_nothing_refuses_nobody) {
    EXPECT_EQ(refused(config::server{}, nullptr), "");
    EXPECT_EQ(refused(guarded(verify_mode::off), nullptr), "");
}
