// Rules of HTTP serving, each with the place that it points to.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

std::vector<std::string> told(const std::string& text) {
    std::vector<std::string> lines;
    for (const auto& p : parse(text, "p.yaml").problems) lines.push_back(to_string(p));
    return lines;
}

const std::string tls = "    ssl: {certificate: a.crt}\n";
const std::string pass = "    proxy_pass: http://127.0.0.1:1\n";

// One server on port 1, with its keys from line 3 on.
std::vector<std::string> server_with(const std::string& keys) {
    return told("servers:\n  - listen: 127.0.0.1:1\n" + keys);
}

std::vector<std::string> https_with(const std::string& keys) { return server_with(tls + pass + "    " + keys + "\n"); }

std::vector<std::string> locations(const std::string& list) {
    return server_with(tls + "    locations: " + list + "\n");
}

}  // namespace

TEST(check_http, return_is_a_way_to_answer_like_the_others) {
    const std::string answer = "    return: 404\n";
    EXPECT_THAT(server_with(tls + answer), ElementsAre());
    EXPECT_THAT(server_with(answer), ElementsAre()) << "over plain HTTP too";
    const std::string said = "servers[0].return: a server that answers every request itself has no other destination "
                             "(found: 404); allowed: return alone";
    EXPECT_THAT(server_with(tls + answer + pass), ElementsAre("p.yaml:4:5: " + said));
    EXPECT_THAT(server_with(tls + answer + "    redirect: https\n"), ElementsAre("p.yaml:4:5: " + said));
    EXPECT_THAT(server_with(tls + "    locations: [{path: /, return: 200}]\n" + answer),
                ElementsAre("p.yaml:5:5: " + said));
}

TEST(check_http, a_plain_server_has_every_way_to_answer) {
    for (const char* way : {"proxy_pass: http://127.0.0.1:1", "redirect: https", "return: 200 hello",
                            "locations: [{path: /, return: 200}, {path: /a, proxy_pass: \"http://127.0.0.1:1\"}]"})
        EXPECT_THAT(server_with(std::string("    ") + way + "\n"), ElementsAre()) << way;
}

TEST(check_http, a_location_passes_or_answers) {
    EXPECT_THAT(locations("[{path: /, return: 404}]"), ElementsAre());
    EXPECT_THAT(
        locations("[{path: /, return: 404, proxy_pass: \"http://127.0.0.1:1\"}]"),
        ElementsAre("p.yaml:4:27: servers[0].locations[0].return: a location has proxy_pass or return, not both "
                    "(found: 404)"));
    EXPECT_THAT(locations("[{path: /}]"),
                ElementsAre("p.yaml:4:17: servers[0].locations[0]: a location that leads nowhere; allowed: proxy_pass: "
                            "http://... or return"));
    EXPECT_THAT(locations("[{path: /, return: never}]"),
                ElementsAre("p.yaml:4:35: servers[0].locations[0].return: neither a code nor a URL (found: never); "
                            "allowed: CODE, CODE TEXT, CODE URL or a URL"))
        << "and not that it leads nowhere";
}

TEST(check_http, a_path_is_a_prefix_or_exact) {
    const auto doc = parse("servers:\n  - listen: 127.0.0.1:1\n    locations: [{path: = /a, return: 200}, {path: =/b, "
                           "return: 200}, {path: /a, return: 200}, {path: \"=   /c d\", return: 200}]\n",
                           "p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    std::vector<std::string> paths;
    for (const auto& l : doc.settings.servers.at(0).locations)
        paths.push_back((l.exact ? "exact " : "prefix ") + l.path);
    EXPECT_THAT(paths, ElementsAre("exact /a", "exact /b", "prefix /a", "exact /c d"));
}

TEST(check_http, one_path_of_one_kind_stands_once) {
    EXPECT_THAT(locations("[{path: = /a, return: 200}, {path: /a, return: 200}]"), ElementsAre());
    EXPECT_THAT(locations("[{path: = /a, return: 200}, {path: =/a, return: 200}]"),
                ElementsAre("p.yaml:4:45: servers[0].locations[1].path: this path is locations[0]'s (found: = /a)"));
    EXPECT_THAT(locations("[{path: /b, return: 200}, {path: /a, return: 200}, {path: /a, return: 200}]"),
                ElementsAre("p.yaml:4:68: servers[0].locations[2].path: this path is locations[1]'s (found: /a)"));
}

TEST(check_http, a_path_that_begins_otherwise_is_an_error) {
    for (const char* wrong : {"a", "=", "= a", "~ /a", "~* /a", "^~ /a", "@a", "== /a", "*"})
        EXPECT_THAT(locations("[{path: \"" + std::string(wrong) + "\", return: 200}]"),
                    ElementsAre(StartsWith("p.yaml:4:18: servers[0].locations[0].path: a path begins with / (found: ")))
            << wrong;
}

TEST(check_http, headers_have_tokens_for_names) {
    for (const char* right : {"X-A", "host", "!#$%&'*+-.^_`|~09azAZ", "x.y"}) {
        EXPECT_THAT(https_with("proxy_set_header: {\"" + std::string(right) + "\": a}"), ElementsAre()) << right;
        EXPECT_THAT(https_with("add_header: {\"" + std::string(right) + "\": a}"), ElementsAre()) << right;
    }
    for (const char* wrong : {"a b", "a:", " a", "(a)", "a/b", "\u00fc", "a\\\"", "a@b", "[a]", "\\r\\n", "\\t"})
        EXPECT_THAT(https_with("add_header: {\"" + std::string(wrong) + "\": a}"),
                    ElementsAre(AllOf(StartsWith("p.yaml:5:18: servers[0].add_header."),
                                      HasSubstr("not a name of a header (found: "),
                                      HasSubstr("; allowed: letters, digits and !#$%&'*+-.^_`|~"))))
            << wrong;
}

TEST(check_http, headers_that_frame_messages_are_posterns_own) {
    for (const std::string name :
         {"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer",
          "Proxy-Connection", "Expect", "HTTP2-Settings", "connection", "CONTENT-LENGTH"}) {
        EXPECT_THAT(https_with("proxy_set_header: {" + name + ": a}"),
                    ElementsAre("p.yaml:5:24: servers[0].proxy_set_header." + name +
                                ": postern writes this header itself (found: " + name + ")"));
        EXPECT_THAT(https_with("add_header: {" + name + ": a}"),
                    ElementsAre("p.yaml:5:18: servers[0].add_header." + name +
                                ": postern writes this header itself (found: " + name + ")"));
    }
    EXPECT_THAT(
        https_with("add_header: {Date: a}"),
        ElementsAre("p.yaml:5:18: servers[0].add_header.Date: postern writes this header itself (found: Date)"));
    EXPECT_THAT(https_with("proxy_set_header: {Date: a}"), ElementsAre());
}

TEST(check_http, names_that_differ_in_case_alone_are_one_header) {
    EXPECT_THAT(https_with("proxy_set_header: {X-A: a, x-b: b, x-A: c}"),
                ElementsAre("p.yaml:5:40: servers[0].proxy_set_header.x-A: the header stands here twice; the first is "
                            "X-A (found: x-A)"));
    EXPECT_THAT(https_with("proxy_set_header: {X-A: a, X-A: c}"),
                ElementsAre("p.yaml:5:32: servers[0].proxy_set_header.X-A: the key stands here twice; the first is in "
                            "line 5"));
    EXPECT_THAT(https_with("proxy_set_header: {X-A: a}\n    add_header: {x-a: b}"), ElementsAre());
}

TEST(check_http, the_headers_of_locations_are_judged_as_well) {
    EXPECT_THAT(locations("[{path: /, return: 200, add_header: {Date: a}, proxy_set_header: {TE: a, A: b, a: c}}]"),
                ElementsAre(HasSubstr("p.yaml:4:53: servers[0].locations[0].add_header.Date: postern writes"),
                            HasSubstr("p.yaml:4:82: servers[0].locations[0].proxy_set_header.TE: postern writes"),
                            HasSubstr("p.yaml:4:95: servers[0].locations[0].proxy_set_header.a: the header stands")));
}

TEST(check_http, hsts_and_plain_http_need_an_ssl_block) {
    EXPECT_THAT(https_with("hsts: 1y"), ElementsAre());
    EXPECT_THAT(https_with("plain_http: redirect"), ElementsAre());
    EXPECT_THAT(server_with("    return: 200\n    hsts: 1y\n"),
                ElementsAre("p.yaml:4:5: servers[0].hsts: browsers heed it over TLS alone: a server with hsts needs an "
                            "ssl block"));
    for (const char* word : {"redirect", "reject"})
        EXPECT_THAT(server_with("    return: 200\n    plain_http: " + std::string(word) + "\n"),
                    ElementsAre("p.yaml:4:5: servers[0].plain_http: without an ssl block the server speaks plain HTTP "
                                "anyway"));
}

TEST(check_http, hsts_counts_in_seconds) {
    for (const char* right : {"0s", "1s", "1y", "1000ms"})
        EXPECT_THAT(https_with("hsts: " + std::string(right)), ElementsAre()) << right;
    EXPECT_THAT(https_with("hsts: 1500ms"), ElementsAre("p.yaml:5:5: servers[0].hsts: not whole seconds (found: "
                                                        "1500ms); allowed: 1s or more, or 0s"));
}

TEST(check_http, what_means_nothing_to_tcp_is_told) {
    const std::string tcp = tls + "    proxy_pass: tcp://127.0.0.1:1\n";
    const auto with = [&](const std::string& key) { return server_with(tcp + "    " + key + "\n"); };
    const auto said = [](const std::string& key, const std::string& why) {
        return ElementsAre("p.yaml:5:5: servers[0]." + key + ": a TCP server forwards bytes and " + why +
                           "; allowed: a destination with http://");
    };
    EXPECT_THAT(with("proxy_set_header: {A: b}"), said("proxy_set_header", "knows no headers"));
    EXPECT_THAT(with("add_header: {A: b}"), said("add_header", "knows no headers"));
    EXPECT_THAT(with("hsts: 1y"), said("hsts", "knows no headers"));
    EXPECT_THAT(with("return: 404"), said("return", "gives no answers"));
    EXPECT_THAT(with("plain_http: redirect"), said("plain_http", "gives no answers"));
    for (const char* harmless :
         {"client_header_timeout: 1s", "client_body_timeout: 1s", "send_timeout: 1s", "keepalive_timeout: 0s",
          "keepalive_requests: 1", "client_max_body_size: 1m", "large_client_header_buffers: 4 8k", "forwarded: on"})
        EXPECT_THAT(with(harmless), ElementsAre()) << harmless;
}

TEST(check_http, a_redirect_to_the_servers_own_port_is_a_circle) {
    const auto on = [](const std::string& listen, const std::string& to, bool with_tls) {
        return told("servers:\n  - listen: " + listen + "\n" + (with_tls ? tls : "") + "    redirect: " + to + "\n");
    };
    const auto circle = [](const std::string& to) {
        return ElementsAre("p.yaml:4:5: servers[0].redirect: the server redirects to its own port, and so in a circle "
                           "(found: " +
                           to + "); allowed: another port, or a server without ssl");
    };
    EXPECT_THAT(on("443", "https", true), circle("https"));
    EXPECT_THAT(on("443", "https:443", true), circle("https:443"));
    EXPECT_THAT(on("[80, 127.0.0.1:8443]", "https:8443", true), circle("https:8443"));
    EXPECT_THAT(on("443", "https:8443", true), ElementsAre());
    EXPECT_THAT(on("8443", "https", true), ElementsAre());
    EXPECT_THAT(on("443", "https", false), ElementsAre());
    EXPECT_THAT(on("443", "https:0", true), ElementsAre(HasSubstr("not a redirect (found: https:0)")));
}
