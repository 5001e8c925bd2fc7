// What a client's certificate says, and the forms in which it is told to others.
#include "certs/client_certificate.hpp"
#include "certs/client_texts.hpp"
#include "certs/facts.hpp"
#include "tests/certs/pki.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

namespace postern::certs::testing {
namespace {

using kind = client_certificate::name::kind;

const signer& root() {
    static const signer one("the root");
    return one;
}

std::string all_names(const client_certificate& of) {
    std::string all;
    for (const auto& name : of.names)
        all += (all.empty() ? "" : " ") + std::to_string(static_cast<int>(name.of)) + "=" + name.text;
    return all;
}

TEST(client_certificate, a_serial_of_any_length_is_one_line_of_digits) {
    const x509_ptr made(X509_new());
    ASN1_INTEGER* const serial = X509_get_serialNumber(made.get());
    EXPECT_EQ(serial_text(made.get()), "00");
    const std::vector<std::uint8_t> bytes(1000, 0xa5);
    ASSERT_EQ(ASN1_STRING_set(serial, bytes.data(), static_cast<int>(bytes.size())), 1);
    const auto text = serial_text(made.get());
    EXPECT_EQ(text.size(), 2000U);
    EXPECT_EQ(text.find_first_not_of("A5"), std::string::npos);
    ASSERT_EQ(ASN1_INTEGER_set(serial, -0x1234), 1);
    EXPECT_EQ(serial_text(made.get()), "-1234");
}

TEST(client_certificate, is_described_by_plain_values) {
    const auto leaf =
        root().issue({.subject = {{"O", "Example"}, {"OU", "web"}, {"OU", "ops"}, {"CN", "al\\ice, \xc3\xa4"}},
                      .alternatives = "DNS:a.example,URI:spiffe://a/b,IP:192.0.2.1,IP:2001:db8::1,"
                                      "email:a@b.example"});
    const auto made = describe(leaf.get());
    EXPECT_EQ(made.subject, "CN=al\\\\ice\\, \\C3\\A4,OU=ops,OU=web,O=Example");
    EXPECT_EQ(made.issuer, "CN=the root");
    EXPECT_EQ(made.serial, serial_text(leaf.get()));
    EXPECT_EQ(hex(made.fingerprint), fingerprint(leaf.get()));
    EXPECT_EQ(all_names(made), "0=al\\ice, \xc3\xa4 1=web 1=ops 2=a.example 3=spiffe://a/b 4=192.0.2.1 4=2001:db8::1 "
                               "5=a@b.example");
    EXPECT_EQ(made.not_before, to_time(X509_get0_notBefore(leaf.get())));
    EXPECT_EQ(made.not_after, to_time(X509_get0_notAfter(leaf.get())));
    EXPECT_EQ(made.certificate, to_der(leaf.get()));
    EXPECT_EQ(describe(parse(made.certificate).get()).names.size(), made.names.size());
}

TEST(client_certificate, a_keys_digest_is_that_of_its_public_half_in_der) {
    unsigned char* encoded = nullptr;
    const int length = i2d_PUBKEY(client_key(), &encoded);
    sha256 expected{};
    EVP_Digest(encoded, static_cast<std::size_t>(length), expected.data(), nullptr, EVP_sha256(), nullptr);
    OPENSSL_free(encoded);
    EXPECT_EQ(describe(root().issue().get()).key_fingerprint, expected);
}

TEST(client_certificate, the_verdict_in_words) {
    client_certificate shown;
    EXPECT_EQ(verify_text(nullptr), "NONE");
    EXPECT_EQ(verify_text(&shown), "SUCCESS");
    shown.verify_result = X509_V_ERR_CERT_HAS_EXPIRED;
    EXPECT_EQ(verify_text(&shown), "FAILED:certificate has expired");
}

TEST(client_texts, pem_is_openssls_own) {
    for (std::size_t length = 1; length < 12; ++length) {
        const auto leaf = root().issue({.subject = {{"CN", std::string(length, 'x')}}});
        const auto der = to_der(leaf.get());
        EXPECT_EQ(pem(der), to_pem(leaf.get()));
    }
}

TEST(client_texts, pem_in_one_line_and_escaped) {
    const der three{1, 2, 255};
    EXPECT_EQ(pem(three), "-----BEGIN CERTIFICATE-----\nAQL/\n-----END CERTIFICATE-----\n");
    EXPECT_EQ(pem_in_one_line(three), "-----BEGIN CERTIFICATE----- AQL/ -----END CERTIFICATE-----");
    EXPECT_EQ(escaped_pem(three), "-----BEGIN%20CERTIFICATE-----%0AAQL%2F%0A-----END%20CERTIFICATE-----%0A");
}

TEST(client_texts, fingerprints_and_legacy_names) {
    const auto leaf = root().issue({.subject = {{"O", "Example"}, {"CN", "alice"}}});
    const auto der = to_der(leaf.get());
    std::array<std::uint8_t, 20> sha1{};
    X509_digest(leaf.get(), EVP_sha1(), sha1.data(), nullptr);
    EXPECT_EQ(sha1_fingerprint(der), hex(sha1));
    EXPECT_EQ(legacy_subject(der), "/O=Example/CN=alice");
    EXPECT_EQ(legacy_issuer(der), "/CN=the root");
    EXPECT_EQ(legacy_subject({1, 2, 3}), "");
}

TEST(client_texts, dates_are_openssls_own) {
    for (const long in : {0L, 86400L * 40, 86400L * 200, 86400L * 333}) {
        const auto leaf = root().issue({.ends = in});
        const bio_ptr out(BIO_new(BIO_s_mem()));
        ASN1_TIME_print(out.get(), X509_get0_notAfter(leaf.get()));
        EXPECT_EQ(openssl_date(describe(leaf.get()).not_after), text_of(out.get()));
    }
}

TEST(client_texts, days_are_whole_ones) {
    using namespace std::chrono_literals;
    const auto now = std::chrono::system_clock::now();
    EXPECT_EQ(days_until(now + 48h, now), "2");
    EXPECT_EQ(days_until(now + 47h, now), "1");
    EXPECT_EQ(days_until(now + 23h, now), "0");
    EXPECT_EQ(days_until(now - 48h, now), "0");
}

TEST(client_texts, a_name_cannot_add_to_a_list_or_end_a_header) {
    client_certificate of;
    of.names = {{kind::dns, "a.example"},    {kind::uri, "u://a,b"}, {kind::dns, "b.example\r\nX: y"},
                {kind::dns, "c,d.example"},  {kind::dns, ""},        {kind::dns, std::string("e\0f", 3)},
                {kind::uri, "u://\xc3\xa4"}, {kind::uri, "u://c"}};
    EXPECT_EQ(joined_names(of, kind::dns), "a.example,c%2Cd.example");
    EXPECT_EQ(joined_names(of, kind::uri), "u://a%2Cb,u://c");
}

// RFC 9440 section 2 and its appendix A use these forms.
TEST(client_texts, fields_of_rfc_9440) {
    const std::vector<der> chain{{1, 2, 3}, {4}};
    EXPECT_EQ(client_cert_field(chain[0]), ":AQID:");
    EXPECT_EQ(client_cert_chain_field(chain), ":AQID:, :BA==:");
    EXPECT_EQ(client_cert_chain_field({}), "");
}

}  // namespace
}  // namespace postern::certs::testing
