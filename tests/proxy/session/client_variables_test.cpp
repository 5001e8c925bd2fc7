// nginx's variables about clients' certificates and hellos.
#include "proxy/session/client_variables.hpp"

#include "certs/client_texts.hpp"
#include "certs/facts.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;
using config::variable;
using kind = certs::client_certificate::name::kind;

namespace {

ops::connection_record over_tls() {
    ops::connection_record of;
    of.tls = ops::tls_record{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", false, {}};
    return of;
}

std::unique_ptr<certs::client_certificate> alice() {
    auto made = std::make_unique<certs::client_certificate>();
    made->subject = "CN=alice";
    made->issuer = "CN=root";
    made->serial = "0A";
    made->certificate = {1, 2, 3};
    made->fingerprint.fill(0xab);
    made->names = {{kind::dns, "a.example"}, {kind::dns, "b.example"}, {kind::uri, "spiffe://a/b"}};
    made->not_after = std::chrono::system_clock::now() + std::chrono::hours(24 * 10 + 1);
    return made;
}

}  // namespace

TEST(client_variables, tell_what_the_certificate_says) {
    auto of = over_tls();
    of.client_certificate = alice();
    const auto value = [&](variable v) { return client_value(v, of); };
    EXPECT_EQ(value(variable::ssl_client_verify), "SUCCESS");
    EXPECT_EQ(value(variable::ssl_client_s_dn), "CN=alice");
    EXPECT_EQ(value(variable::ssl_client_i_dn), "CN=root");
    EXPECT_EQ(value(variable::ssl_client_serial), "0A");
    EXPECT_EQ(value(variable::ssl_client_fingerprint), certs::sha1_fingerprint({1, 2, 3}));
    EXPECT_EQ(value(variable::ssl_client_fingerprint_sha256), certs::hex(of.client_certificate->fingerprint));
    EXPECT_EQ(value(variable::ssl_client_san_dns), "a.example,b.example");
    EXPECT_EQ(value(variable::ssl_client_san_uri), "spiffe://a/b");
    EXPECT_EQ(value(variable::ssl_client_v_start), "Jan  1 00:00:00 1970 GMT");
    EXPECT_EQ(value(variable::ssl_client_v_end), certs::openssl_date(of.client_certificate->not_after));
    EXPECT_EQ(value(variable::ssl_client_v_remain), "10");
    EXPECT_EQ(value(variable::ssl_client_cert), "-----BEGIN CERTIFICATE----- AQID -----END CERTIFICATE-----");
    EXPECT_EQ(value(variable::ssl_client_raw_cert), "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n");
    EXPECT_EQ(value(variable::ssl_client_escaped_cert),
              "-----BEGIN%20CERTIFICATE-----%0AAQID%0A-----END%20CERTIFICATE-----%0A");
}

TEST(client_variables, are_empty_without_a_certificate_but_for_the_verdict) {
    const auto of = over_tls();
    for (const auto& row : config::variables)
        if (row.name.starts_with("ssl_client_") && row.value != variable::ssl_client_verify) {
            EXPECT_EQ(client_value(row.value, of), "") << row.name;
        }
    EXPECT_EQ(client_value(variable::ssl_client_verify, of), "NONE");
    EXPECT_EQ(client_value(variable::ssl_client_verify, {}), "") << "nobody was asked without TLS";
}

TEST(client_variables, tell_what_the_hello_offered_where_it_was_kept) {
    auto of = over_tls();
    EXPECT_EQ(client_value(variable::ssl_ciphers, of), "");
    of.offered = std::make_unique<const tls::offers>(
        tls::offers{"0102", "TLS_AES_128_GCM_SHA256:0x0a0a", "X25519", "ed25519", "ecdsa_secp256r1_sha256", "ed448"});
    EXPECT_EQ(client_value(variable::ssl_session_id, of), "0102");
    EXPECT_EQ(client_value(variable::ssl_ciphers, of), "TLS_AES_128_GCM_SHA256:0x0a0a");
    EXPECT_EQ(client_value(variable::ssl_curves, of), "X25519");
    EXPECT_EQ(client_value(variable::ssl_sigalgs, of), "ed25519");
    EXPECT_EQ(client_value(variable::ssl_sigalg, of), "ecdsa_secp256r1_sha256");
    EXPECT_EQ(client_value(variable::ssl_client_sigalg, of), "ed448");
    EXPECT_EQ(client_value(variable::ssl_early_data, of), "");
}
