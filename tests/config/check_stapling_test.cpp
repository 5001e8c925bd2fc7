// What an ssl block may say about OCSP stapling.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::HasSubstr;

namespace {

std::string told(const std::string& keys) {
    const std::string text = "servers:\n  - listen: 127.0.0.1:1\n    proxy_pass: tcp://127.0.0.1:1\n    ssl:\n"
                             "      certificate: a.pem\n" +
                             keys;
    std::string all;
    for (const auto& p : parse(text, "p.yaml").problems) all += to_string(p) + "\n";
    return all;
}

}  // namespace

TEST(check_stapling, a_responder_is_an_http_url) {
    EXPECT_EQ(told("      stapling: on\n      stapling_responder: http://ocsp.example.org/x\n"), "");
    EXPECT_EQ(told("      stapling_responder: ocsp.example.org\n"),
              "p.yaml:6:7: servers[0].ssl.stapling_responder: not the address of a responder (found: "
              "ocsp.example.org); allowed: http://HOST[:PORT][/path]\n");
}

TEST(check_stapling, a_responder_behind_https_is_refused_with_the_reason) {
    EXPECT_THAT(told("      stapling_responder: https://ocsp.example.org/\n"),
                HasSubstr("p.yaml:6:7: servers[0].ssl.stapling_responder: a responder is asked over plain http"));
}

TEST(check_stapling, responses_are_verified_by_certificates_that_are_trusted) {
    EXPECT_THAT(told("      stapling: on\n      stapling_verify: on\n"),
                HasSubstr("p.yaml:7:7: servers[0].ssl.stapling_verify: responses cannot be verified without "
                          "trusted_certificate"));
    EXPECT_EQ(told("      stapling: on\n      stapling_verify: on\n      trusted_certificate: ca.pem\n"), "");
    EXPECT_EQ(told("      stapling: on\n      stapling_verify: on\n      client_certificate: ca.pem\n"), "");
    EXPECT_EQ(told("      stapling_verify: on\n"), "");
}
