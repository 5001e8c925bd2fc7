// Rules across fields, each with the place that it points to.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::HasSubstr;
using testing::Not;

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
        HasSubstr("servers[1].server_name[0]: this name on this address is servers[0]'s (found: a on 127.0.0.1:1)"));
}

TEST(check, one_address_with_ssl_and_without_is_an_error) {
    EXPECT_THAT(told("servers:\n" + block("1", tls + "    server_name: a\n") +
                     block("1", "    redirect: https\n    server_name: b\n")),
                HasSubstr("servers[1].listen: one address with ssl and without; servers[0] has an ssl block"));
}

TEST(check, a_server_that_no_name_reaches_is_an_error) {
    EXPECT_THAT(
        told("servers:\n" + block("1", tls) + block("1", tls)),
        HasSubstr("servers[1]: a server without a name that is not the default one is never reached at 127.0.0.1:1"));
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
    EXPECT_THAT(told("servers:\n" + block("1", "    redirect: http\n")), HasSubstr("not a redirect (found: http)"));
    EXPECT_THAT(
        told("servers:\n" +
             block("1", "    ssl: {certificate: a.crt, verify_client: on}\n    proxy_pass: tcp://127.0.0.1:1\n")),
        HasSubstr("cannot be verified without client_certificate"));
    EXPECT_THAT(told("servers:\n  - listen: unix:/run/a.sock\n" + tls),
                HasSubstr("servers listen on TCP addresses only"));
    EXPECT_THAT(told("servers:\n  - proxy_pass: tcp://127.0.0.1:1\n    ssl: {certificate: a.crt}\n"),
                HasSubstr("a server that listens nowhere"));
}

TEST(check, one_address_in_two_spellings_is_one_address) {
    const auto both = [](const std::string& a, const std::string& b) {
        return told("servers:\n  - listen: \"" + a + "\"\n" + tls + "    default_server: on\n  - listen: \"" + b +
                    "\"\n" + tls + "    default_server: on\n    server_name: b\n");
    };
    for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
             {"443", "0.0.0.0:443"}, {"*:443", "443"}, {"[::1]:443", "[0:0::1]:443"}, {"[::FFFF]:1", "[::ffff]:1"}})
        EXPECT_THAT(both(a, b), HasSubstr("two default servers for one address")) << a << " " << b;
    for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
             {"443", "[::]:443"}, {"443", "127.0.0.1:443"}, {"443", "444"}})
        EXPECT_EQ(both(a, b), "") << a << " " << b;
}

TEST(check, tcp_and_http_share_an_address_when_the_name_chooses) {
    EXPECT_EQ(
        told("servers:\n" + block("1", tls + "    server_name: a\n") +
             block("1", "    ssl: {certificate: b.crt}\n    server_name: b\n    proxy_pass: http://127.0.0.1:1\n")),
        "");
}

TEST(check, the_admin_address_is_not_covered_by_a_servers_either) {
    const auto with = [](const std::string& admin, const std::string& listen) {
        return told("admin: {listen: \"" + admin + "\"}\nservers:\n  - listen: \"" + listen + "\"\n" + tls);
    };
    EXPECT_EQ(with("127.0.0.1:1", "1"), "p.yaml:1:9: admin.listen: a server listens on this address too: servers[0] "
                                        "on 0.0.0.0:1 (found: 127.0.0.1:1); allowed: an address of its own\n");
    EXPECT_THAT(with("1", "127.0.0.1:1"), HasSubstr("a server listens on this address too"));
    EXPECT_THAT(with("[::1]:1", "[::]:1"), HasSubstr("a server listens on this address too"));
    EXPECT_EQ(with("127.0.0.1:2", "1"), "");
    EXPECT_EQ(with("127.0.0.1:1", "127.0.0.2:1"), "");
    EXPECT_EQ(with("[::1]:1", "1"), "");
}

TEST(check, a_server_answers_in_one_way) {
    const std::string http = "    ssl: {certificate: a.crt}\n";
    const std::string pass = "    proxy_pass: http://127.0.0.1:1\n";
    const std::string locations = "    locations: [{path: /, proxy_pass: \"http://127.0.0.1:1\"}]\n";
    const std::string redirect = "    redirect: https\n";
    const auto with = [&](const std::string& ways) { return told("servers:\n" + block("1", http + ways)); };
    for (const auto& one : {pass, locations, redirect, std::string()}) EXPECT_EQ(with(one), "") << one;
    EXPECT_EQ(with(pass + locations),
              "p.yaml:4:5: servers[0].proxy_pass: a server has proxy_pass or locations, not both (found: "
              "http://127.0.0.1:1); allowed: a location with `path: /` in place of proxy_pass\n");
    const std::string alone = "servers[0].redirect: a server that redirects every request has no other destination "
                              "(found: https); allowed: redirect alone\n";
    EXPECT_EQ(with(pass + redirect), "p.yaml:5:5: " + alone);
    EXPECT_EQ(with(redirect + locations), "p.yaml:4:5: " + alone);
}

TEST(check, a_location_has_a_path_of_its_own_and_a_destination) {
    const auto with = [](const std::string& locations) {
        return told("servers:\n" + block("1", "    ssl: {certificate: a.crt}\n    locations: " + locations + "\n"));
    };
    const std::string to = ", proxy_pass: \"http://127.0.0.1:1\"}";
    EXPECT_EQ(with("[{path: /a" + to + ", {path: /a" + to + "]"),
              "p.yaml:4:64: servers[0].locations[1].path: this path is locations[0]'s (found: /a)\n");
    EXPECT_EQ(with("[{path: a" + to + "]"),
              "p.yaml:4:18: servers[0].locations[0].path: a path begins with / (found: a); allowed: "
              "/prefix or = /exact\n");
    EXPECT_EQ(with("[{path: /}]"), "p.yaml:4:17: servers[0].locations[0]: a location that leads nowhere; allowed: "
                                   "proxy_pass: http://... or return\n");
    EXPECT_EQ(with("[{path: /, proxy_pass: \"tcp://127.0.0.1:1\"}]"),
              "p.yaml:4:27: servers[0].locations[0].proxy_pass: a location forwards requests, not connections (found: "
              "tcp://127.0.0.1:1); allowed: http://...\n");
    EXPECT_THAT(with("[{path: /, proxy_pass: nowhere}]"), Not(HasSubstr("leads nowhere")));
}

TEST(check, what_could_not_be_read_is_not_judged_as_well) {
    EXPECT_EQ(told("servers:\n  - {listen: a b, ssl: on, server_name: a}\n  - {listen: a b, ssl: 1, server_name: a}\n"),
              "p.yaml:2:14: servers[0].listen[0]: not an address (found: a b); allowed: 443, 127.0.0.1:443, "
              "\"[::1]:443\", localhost:80 or unix:/path\n"
              "p.yaml:2:24: servers[0].ssl: keys and values belong here (found: on); allowed: a map\n"
              "p.yaml:3:14: servers[1].listen[0]: not an address (found: a b); allowed: 443, 127.0.0.1:443, "
              "\"[::1]:443\", localhost:80 or unix:/path\n"
              "p.yaml:3:24: servers[1].ssl: keys and values belong here (found: 1); allowed: a map\n");
}

TEST(check, server_names_have_nginxs_forms) {
    const auto with = [](const std::string& name) {
        return told("servers:\n" + block("1", tls + "    server_name: \"" + name + "\"\n"));
    };
    for (const char* right : {"a", "a.example.org", "A.Example.ORG.", "*.example.org", ".example.org", "www.example.*",
                              "a_b.example", "xn--bcher-kva.example", "127.0.0.1"})
        EXPECT_EQ(with(right), "") << right;
    for (const char* wrong :
         {"*", "*.", ".*", "a*b", "*.a.*", "a..b", "~^a", "a/b", "a:1", "..", "b\u00fccher.example"})
        EXPECT_THAT(with(wrong), HasSubstr("servers[0].server_name[0]: not a server name (found: ")) << wrong;
}

TEST(check, the_second_of_two_equal_names_of_one_server_is_told) {
    EXPECT_EQ(told("servers:\n" + block("1", tls + "    server_name: [a, A.]\n")),
              "p.yaml:5:22: servers[0].server_name[1]: this name on this address is this server's already (found: a on "
              "127.0.0.1:1)\n");
}

TEST(check, upstreams_have_names_that_a_destination_can_have) {
    EXPECT_EQ(told("upstreams: {\"a b\": {servers: [127.0.0.1:1, 127.0.0.1:1]}}\nservers:\n" + block("1", tls)),
              "p.yaml:1:13: upstreams.a b: not a name for a group (found: a b); allowed: letters, digits, `.`, `-` and "
              "`_`\n"
              "p.yaml:1:44: upstreams.a b.servers[1]: an address stands here twice (found: 127.0.0.1:1)\n");
}

TEST(check, a_default_server_may_reject_while_the_others_need_certificates) {
    const std::string reject = block("1", "    default_server: on\n    ssl: {reject_handshake: on}\n");
    EXPECT_EQ(told("servers:\n" + reject + block("1", tls + "    server_name: a\n")), "");
    EXPECT_EQ(told("servers:\n" + reject + block("1", "    ssl: {session_tickets: on}\n    server_name: a\n")),
              "p.yaml:6:5: servers[1].ssl: no certificate; allowed: certificate and certificate_key, or "
              "reject_handshake: on\n");
}

TEST(check, a_user_is_a_name_and_perhaps_a_group) {
    for (const char* right : {"nobody", "nobody:nogroup", "33:33"})
        EXPECT_EQ(told("user: \"" + std::string(right) + "\"\nservers:\n" + block("1", tls)), "") << right;
    for (const char* wrong : {":", "a:", ":b", "a:b:c"})
        EXPECT_THAT(told("user: \"" + std::string(wrong) + "\"\nservers:\n" + block("1", tls)),
                    HasSubstr("p.yaml:1:1: user: neither a user nor a user and its group"))
            << wrong;
}

TEST(check, a_shared_cache_has_room_for_sessions) {
    const auto with = [](const std::string& cache) {
        return told("servers:\n" + block("1", "    ssl: {certificate: a.crt, session_cache: \"" + cache + "\"}\n"));
    };
    EXPECT_EQ(with("shared:SSL:32k"), "");
    EXPECT_EQ(with("shared:31k"), "p.yaml:3:31: servers[0].ssl.session_cache: too small for sessions (found: "
                                  "shared:31k); allowed: shared:32k or more\n");
}

TEST(check, a_shared_cache_has_one_size_and_whoever_gave_it_another_first_is_told) {
    const auto with = [](const std::vector<std::string>& caches) {
        std::string servers = "servers:\n";
        for (std::size_t i = 0; i < caches.size(); ++i)
            servers +=
                block(std::to_string(i + 1), "    ssl: {certificate: a.crt, session_cache: \"" + caches[i] + "\"}\n");
        return told(servers);
    };
    EXPECT_EQ(with({"shared:A:10m", "shared:B:1m", "off", "shared:A:10240k"}), "");
    EXPECT_EQ(with({"shared:1m", "shared:2m"}), "") << "each its own";
    EXPECT_EQ(with({"off", "shared:A:10m", "shared:A:20m"}),
              "p.yaml:7:31: servers[2].ssl.session_cache: one cache has one size; servers[1] gave it another first "
              "(found: shared:A:20m); allowed: shared:A:10m\n");
}

TEST(check, the_path_of_a_unix_socket_has_a_length_that_the_system_takes) {
    const auto with = [](std::size_t length) {
        return told("servers:\n" + block("1", "    ssl: {certificate: a.crt}\n    proxy_pass: unix:/" +
                                                  std::string(length - 1, 'x') + "\n"));
    };
    EXPECT_EQ(with(107), "");
    EXPECT_THAT(with(108), HasSubstr("p.yaml:4:5: servers[0].proxy_pass: the path of a unix socket is too long"));
}

TEST(check, ticket_keys_come_from_files_or_from_a_secret) {
    const std::string both = "session_ticket_key: a, session_ticket_secret: b";
    EXPECT_THAT(told("tls: {" + both + "}\nservers:\n" + block("1", tls)),
                HasSubstr("p.yaml:1:30: tls.session_ticket_secret: ticket keys come from files or from a secret"));
    EXPECT_THAT(told("servers:\n" +
                     block("1", "    ssl: {certificate: a.crt, " + both + "}\n    proxy_pass: tcp://127.0.0.1:1\n")),
                HasSubstr("p.yaml:3:54: servers[0].ssl.session_ticket_secret: ticket keys come from files or"));
    EXPECT_EQ(told("tls: {session_ticket_key: a}\nservers:\n" +
                   block("1", "    ssl: {certificate: a.crt, session_ticket_secret: b}\n    proxy_pass: "
                              "tcp://127.0.0.1:1\n")),
              "");
}

TEST(check, a_session_lasts_no_longer_than_ticket_keys_can_be_kept) {
    const auto with = [](const std::string& more, const std::string& tls_block = {}) {
        return told(tls_block + "servers:\n" +
                    block("1", "    ssl: {certificate: a.crt, " + more + "}\n    proxy_pass: tcp://127.0.0.1:1\n"));
    };
    EXPECT_EQ(with("session_timeout: 256h"), "");
    EXPECT_THAT(with("session_timeout: 257h"),
                HasSubstr("servers[0].ssl.session_timeout: more than 256 times tls.session_ticket_rotation (found: "));
    EXPECT_EQ(with("session_timeout: 257h", "tls: {session_ticket_rotation: 2h}\n"), "");
    // Keys that do not change, or none.
    EXPECT_EQ(with("session_timeout: 257h, session_ticket_key: k"), "");
    EXPECT_EQ(with("session_timeout: 257h", "tls: {session_ticket_key: k}\n"), "");
    EXPECT_EQ(with("session_timeout: 257h, session_tickets: off"), "");
    EXPECT_THAT(with("session_timeout: 257h, session_ticket_secret: s", "tls: {session_ticket_key: k}\n"),
                HasSubstr("more than 256 times"));
}
