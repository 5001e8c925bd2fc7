// Rules across fields, each with the place that it points to.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::Contains;
using testing::HasSubstr;

namespace {

std::string told(const std::string& text) {
    std::string all;
    for (const auto& p : parse(text, "p.yaml").problems) all += to_string(p) + "\n";
    return all;
}

std::string block(const std::string& port, const std::string& more) {
    return "  - listen: 127.0.0.1:" + port + "\n" + more;
}

const std::string tls = "    ssl: {certificate: a.crt, certificate_key: a.key}\n    proxy_pass: tcp://127.0.0.1:1\n";

}  // namespace

TEST(check, nothing_to_serve_is_an_error) {
    EXPECT_THAT(told("workers: 1\n"), HasSubstr("p.yaml: servers: nothing is served"));
}

TEST(check, two_default_servers_of_one_address_are_an_error) {
    EXPECT_THAT(
        told("servers:\n" + block("1", tls + "    default_server: on\n    server_name: a\n") +
             block("1", tls + "    default_server: on\n    server_name: b\n")),
        HasSubstr(
            "p.yaml:10:5: servers[1].default_server: two default servers for one address; the other is servers[0]"));
}

TEST(check, one_name_twice_on_one_address_is_an_error) {
    EXPECT_THAT(
        told("servers:\n" + block("1", tls + "    server_name: a\n") + block("1", tls + "    server_name: a\n")),
        HasSubstr("servers[1].server_name: this name on this address is servers[0]'s (found: a on 127.0.0.1:1)"));
}

TEST(check, one_address_with_ssl_and_without_is_an_error) {
    EXPECT_THAT(told("servers:\n" + block("1", tls + "    server_name: a\n") +
                     block("1", "    redirect: https\n    server_name: b\n")),
                HasSubstr("servers[1].listen: one address with ssl and without"));
}

TEST(check, a_server_that_no_name_reaches_is_an_error) {
    EXPECT_THAT(told("servers:\n" + block("1", tls) + block("1", tls)),
                HasSubstr("servers[1].listen: a server without a name"));
}

TEST(check, the_same_address_twice_in_a_server_is_an_error) {
    EXPECT_THAT(told("servers:\n  - listen: [127.0.0.1:1, 127.0.0.1:1]\n" + tls),
                HasSubstr("an address stands here twice"));
}

TEST(check, the_admin_address_must_be_its_own) {
    EXPECT_THAT(told("admin: {listen: 127.0.0.1:1}\nservers:\n" + block("1", tls)),
                HasSubstr("p.yaml:1:9: admin.listen: a server listens on this address too"));
}

TEST(check, a_destination_must_name_a_group_that_exists) {
    EXPECT_THAT(told("upstreams: {web: {servers: [127.0.0.1:1]}}\nservers:\n" +
                     block("1", "    ssl: {certificate: a.crt}\n    proxy_pass: tcp://wbe\n")),
                HasSubstr("servers[0].proxy_pass: no such group in upstreams"));
    EXPECT_THAT(told("upstreams: {backend: {servers: [127.0.0.1:1]}}\nservers:\n" +
                     block("1", "    ssl: {certificate: a.crt}\n    proxy_pass: tcp://bakend\n")),
                HasSubstr("did you mean backend?"));
}

TEST(check, a_group_needs_servers_with_hosts) {
    EXPECT_THAT(told("upstreams: {web: {keepalive: 1}}\nservers:\n" + block("1", tls)),
                HasSubstr("upstreams.web: a group without servers"));
    EXPECT_THAT(told("upstreams: {web: {servers: [\"80\"]}}\nservers:\n" + block("1", tls)),
                HasSubstr("an address without a host"));
}

TEST(check, certificates_and_keys_come_in_pairs_or_combined) {
    EXPECT_THAT(
        told(
            "servers:\n" +
            block(
                "1",
                "    ssl: {certificate: [a.crt, b.crt], certificate_key: a.key}\n    proxy_pass: tcp://127.0.0.1:1\n")),
        HasSubstr("servers[0].ssl.certificate_key: as many keys as certificates belong here (found: 1 for 2)"));
    EXPECT_EQ(told("servers:\n" + block("1", "    ssl: {certificate: a.pem}\n    proxy_pass: tcp://127.0.0.1:1\n")),
              "");
    EXPECT_THAT(told("servers:\n" + block("1", "    ssl: {session_tickets: off}\n    proxy_pass: tcp://127.0.0.1:1\n")),
                HasSubstr("no certificate"));
    EXPECT_EQ(told("servers:\n" + block("1", "    ssl: {reject_handshake: on}\n")), "");
}

TEST(check, tcp_needs_ssl_and_has_no_locations_and_no_redirect) {
    EXPECT_THAT(told("servers:\n" + block("1", "    proxy_pass: tcp://127.0.0.1:1\n")),
                HasSubstr("needs an ssl block"));
    EXPECT_THAT(told("servers:\n" + block("1", tls + "    redirect: https\n")),
                HasSubstr("a TCP server cannot redirect"));
    EXPECT_THAT(
        told("servers:\n" + block("1", tls + "    locations: [{path: /, proxy_pass: \"http://127.0.0.1:1\"}]\n")),
        HasSubstr("a TCP server has no locations"));
}

TEST(check, odd_values_are_errors_with_what_is_allowed) {
    EXPECT_THAT(told("servers:\n" + block("1", tls + "    server_name: a..b\n")),
                HasSubstr("not a server name (found: a..b)"));
    EXPECT_THAT(told("servers:\n" + block("1", tls + "    server_name: a b\n")), HasSubstr("not a server name"));
    EXPECT_THAT(
        told("servers:\n" +
             block("1", "    ssl: {certificate: a.crt, buffer_size: 100}\n    proxy_pass: tcp://127.0.0.1:1\n")),
        HasSubstr("allowed: 512 to 16k"));
    EXPECT_THAT(told("servers:\n" + block("1", "    redirect: http\n")), HasSubstr("not a redirect (found: http)"));
    EXPECT_THAT(
        told("servers:\n" +
             block("1", "    ssl: {certificate: a.crt, verify_client: on}\n    proxy_pass: tcp://127.0.0.1:1\n")),
        HasSubstr("cannot be verified without client_certificate"));
    EXPECT_THAT(told("servers:\n  - listen: unix:/run/a.sock\n" + tls),
                HasSubstr("servers listen on TCP addresses only"));
    EXPECT_THAT(told("servers:\n  - proxy_pass: tcp://127.0.0.1:1\n    ssl: {certificate: a.crt}\n"),
                HasSubstr("a server that listens nowhere"));
    EXPECT_THAT(told("limits: {connections: 0}\nservers:\n" + block("1", tls)),
                HasSubstr("limits.connections: no connection is allowed"));
}
