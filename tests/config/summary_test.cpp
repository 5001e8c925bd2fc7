// What `postern check` prints when all is well.
#include "config/document.hpp"
#include "config/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace postern::config;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(summary, each_address_tells_its_names_protocols_and_destinations) {
    const auto doc = parse(R"(workers: 2
admin: {listen: 127.0.0.1:9901}
upstreams: {web: {servers: [127.0.0.1:9001, unix:/run/web.sock]}}
servers:
  - listen: ["443", "[::]:443"]
    server_name: [a.example.org]
    ssl: {certificate: a.crt, protocols: TLSv1.3}
    proxy_pass: tcp://web
  - listen: "443"
    default_server: on
    ssl: {reject_handshake: on}
  - {listen: "80", redirect: https}
  - {listen: "81", locations: [{path: /a/, proxy_pass: "http://web/b/"}, {path: /, proxy_pass: "http://web"}]}
  - {listen: "82"}
)",
                           "p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(summary(doc.settings), R"(workers 2, connections 20000, log stderr, access stdout
admin 127.0.0.1:9901
upstream web: 127.0.0.1:9001 unix:/run/web.sock
0.0.0.0:443
  (any name)  TLSv1.2 TLSv1.3  handshakes are rejected
  a.example.org  TLSv1.3  tcp://web
[::]:443
  a.example.org (any other name)  TLSv1.3  tcp://web
0.0.0.0:80
  (any name)  plain HTTP  redirect to https
0.0.0.0:81
  (any name)  plain HTTP  /a/ -> http://web/b/ / -> http://web
0.0.0.0:82
  (any name)  plain HTTP  404
)");
}

TEST(summary, answers_of_our_own_are_shown_by_their_code_and_url) {
    const auto doc = parse(R"(servers:
  - {listen: "80", return: "301 https://$host$request_uri"}
  - {listen: "81", return: "200 a text that may be long"}
  - {listen: "82", locations: [{path: = /a, return: 404}, {path: /a, return: "https://b/"}, {path: = /, proxy_pass: "http://b:1"}]}
)",
                           "p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_THAT(summary(doc.settings), HasSubstr(R"(0.0.0.0:80
  (any name)  plain HTTP  return 301 https://$host$request_uri
0.0.0.0:81
  (any name)  plain HTTP  return 200
0.0.0.0:82
  (any name)  plain HTTP  = /a -> return 404 /a -> return 302 https://b/ = / -> http://b:1
)"));
}

TEST(summary, a_thousand_servers_are_still_one_screen) {
    settings many;
    for (std::uint16_t i = 1; i <= 1000; ++i) {
        server one;
        one.listen = {{endpoint::kind::tcp, "127.0.0.1", i, ""}};
        many.servers.push_back(one);
    }
    const auto text = summary(many);
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 100);
    EXPECT_THAT(text, HasSubstr("\n... and 960 more\n"));
}

TEST(summary, stapling_servers_are_counted_and_where_their_responses_are_kept_is_told) {
    const std::string servers = R"(servers:
  - {listen: "443", ssl: {certificate: a.crt, stapling: on}}
  - {listen: "444", ssl: {certificate: a.crt}}
)";
    EXPECT_THAT(summary(parse(servers, "p.yaml").settings),
                HasSubstr("\nstapling 1 server, asked for anew after a restart (no state_directory)\n"));
    const auto kept = parse("state_directory: /var/lib/postern\n" + servers +
                                "  - {listen: \"445\", ssl: {certificate: a.crt, stapling: on}}\n",
                            "p.yaml");
    EXPECT_THAT(summary(kept.settings), HasSubstr("\nstapling 2 servers, kept in /var/lib/postern\n"));
}
