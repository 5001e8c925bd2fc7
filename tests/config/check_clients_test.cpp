// Rules about clients' certificates, and the digests in them.
#include "config/document.hpp"
#include "config/pin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::HasSubstr;

namespace {

document read(const std::string& ssl, const std::string& keys, const std::string& to = "http://127.0.0.1:1") {
    return parse("servers:\n  - listen: 127.0.0.1:1\n    ssl: {certificate: a.crt, certificate_key: a.key" + ssl +
                     "}\n    proxy_pass: " + to + "\n" + keys,
                 "p.yaml");
}

std::string told(const document& doc) {
    std::string all;
    for (const auto& p : doc.problems) all += to_string(p) + "\n";
    return all;
}

const std::string on = ", client_certificate: ca.crt, verify_client: on";
const std::string digits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

TEST(check_clients, rules_of_every_kind_are_read) {
    const auto doc = read(on, "    allow:\n      - cn: alice\n      - {ou: web, san_dns: \"*.example.org\"}\n"
                              "      - san_uri: spiffe://example.org/web/**\n      - san_ip: 10.0.0.0/8\n"
                              "      - san_email: a@example.org\n      - spki_sha256: " +
                                  digits + "\n");
    EXPECT_EQ(told(doc), "");
    const std::vector<allow_rule> expected{{.cn = "alice"},
                                           {.ou = "web", .san_dns = "*.example.org"},
                                           {.san_uri = "spiffe://example.org/web/**"},
                                           {.san_ip = parse_network("10.0.0.0/8")},
                                           {.san_email = "a@example.org"},
                                           {.spki_sha256 = digits}};
    EXPECT_EQ(doc.settings.servers.at(0).allow, expected);
}

TEST(check_clients, authorities_of_either_kind_do) {
    EXPECT_EQ(told(read(", trusted_certificate: ca.crt, verify_client: optional", "")), "");
    EXPECT_EQ(told(read(", verify_client: optional_no_ca", "")), "");
    EXPECT_THAT(told(read(", verify_client: optional", "")), HasSubstr("without client_certificate"));
}

TEST(check_clients, allow_needs_clients_that_are_verified) {
    EXPECT_THAT(told(read("", "    allow: [{cn: alice}]\n")),
                HasSubstr("p.yaml:5:5: servers[0].allow: without verify_client no client is known"));
    EXPECT_THAT(told(read(on, "    allow: [{}]\n")),
                HasSubstr("p.yaml:5:13: servers[0].allow[0]: a rule that asks for nothing"));
}

TEST(check_clients, names_are_no_proof_where_anybody_may_have_signed_them) {
    const std::string no_ca = ", verify_client: optional_no_ca";
    EXPECT_THAT(told(read(no_ca, "    allow: [{spki_sha256: " + digits + "}, {cn: alice}]\n")),
                HasSubstr("servers[0].allow[1]: with optional_no_ca anybody can have a certificate with such names"));
    EXPECT_EQ(told(read(no_ca, "    allow: [{spki_sha256: " + digits + ", cn: alice}]\n")), "");
}

TEST(check_clients, a_star_where_it_means_nothing_is_an_error) {
    for (const std::string key : {"cn", "ou", "san_email"})
        EXPECT_THAT(told(read(on, "    allow: [{" + key + ": \"*@example.org\"}]\n")),
                    HasSubstr("servers[0].allow[0]." + key + ": compared letter for letter"));
}

TEST(check_clients, a_rule_that_cannot_be_read_is_told_once) {
    EXPECT_EQ(told(read(on, "    allow: [{spki_sha256: abc}]\n")),
              "p.yaml:5:27: servers[0].allow[0].spki_sha256: not a SHA-256 (found: abc); allowed: a SHA-256 in "
              "hexadecimal or base64\n");
    EXPECT_THAT(told(read(on, "    allow: [{san_dn: a}]\n")), HasSubstr("did you mean san_dns"));
}

TEST(check_clients, headers_about_clients_need_clients_and_headers) {
    const std::string header = "    client_cert_header: on\n", chain = "    client_cert_chain_header: on\n";
    EXPECT_EQ(told(read(on, header + chain)), "");
    EXPECT_THAT(told(read("", header)), HasSubstr("servers[0].client_cert_header: without verify_client"));
    EXPECT_THAT(told(read(on, chain)), HasSubstr("Client-Cert-Chain is nothing without Client-Cert"));
    EXPECT_THAT(told(read(on, header, "tcp://127.0.0.1:1")),
                HasSubstr("servers[0].client_cert_header: a TCP server forwards bytes and knows no headers"));
}

TEST(check_clients, a_certificate_with_its_line_breaks_is_no_value_of_a_header) {
    EXPECT_THAT(told(read(on, "    proxy_set_header: {X-Cert: $ssl_client_raw_cert}\n")),
                HasSubstr("a header cannot hold the line breaks of $ssl_client_raw_cert"));
    EXPECT_EQ(told(read(on, "    proxy_set_header: {X-Cert: $ssl_client_cert, X: $ssl_client_escaped_cert}\n")), "");
}

TEST(pin, is_read_in_every_usual_form) {
    std::string spaced;
    for (std::size_t i = 0; i < digits.size(); i += 2) spaced += (i > 0 ? ":" : "") + digits.substr(i, 2);
    EXPECT_EQ(parse_pin(digits), digits);
    EXPECT_EQ(parse_pin(spaced), digits);
    std::string capitals = digits;
    for (auto& c : capitals) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(parse_pin(capitals), digits);
    EXPECT_EQ(parse_pin("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), digits);
}

TEST(pin, is_nothing_else) {
    for (const std::string& text : {std::string(), digits.substr(1), digits + "0", "g" + digits.substr(1),
                                    "sha256//" + digits, digits.substr(0, 2) + ":" + digits.substr(2),
                                    std::string("e3:b0:"), std::string("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF="),
                                    std::string("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="),
                                    std::string("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV="),
                                    std::string("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")})
        EXPECT_EQ(parse_pin(text), std::nullopt) << text;
}
