// Configuration texts and what is said of them: each problem with its line, column, key and words.
#include "config/document.hpp"
#include "config/log_target.hpp"
#include "config/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

using namespace postern::config;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string minimal = R"(servers:
  - listen: 127.0.0.1:8443
    ssl: {certificate: a.crt, certificate_key: a.key}
    proxy_pass: tcp://127.0.0.1:9001
)";

std::vector<std::string> told(const std::string& text) {
    std::vector<std::string> lines;
    for (const auto& p : parse(text, "/etc/p.yaml").problems) lines.push_back(to_string(p));
    return lines;
}

// The minimal configuration with one line more at the top.
std::vector<std::string> told_with(const std::string& line) { return told(line + "\n" + minimal); }

}  // namespace

TEST(parse, the_smallest_configuration_has_no_problem_and_nginxs_defaults) {
    const auto doc = parse(minimal, "/etc/p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    const auto& s = doc.settings.servers.at(0);
    EXPECT_EQ(to_string(s.listen.at(0)), "127.0.0.1:8443");
    EXPECT_EQ(s.ssl->certificate.at(0), "/etc/a.crt");
    EXPECT_EQ(to_string(s.proxy_pass), "tcp://127.0.0.1:9001");
    EXPECT_EQ(s.proxy_timeout, std::chrono::minutes(10));
    EXPECT_TRUE(s.ssl->prefer_server_ciphers);
    EXPECT_TRUE(s.ssl->session_tickets);
    for (const auto time : {s.client_header_timeout, s.client_body_timeout, s.send_timeout})
        EXPECT_EQ(time, std::chrono::seconds(60));
    EXPECT_EQ(s.keepalive_timeout, std::chrono::seconds(75));
    EXPECT_EQ(s.keepalive_requests, 1000U);
    EXPECT_EQ(s.large_client_header_buffers, (header_buffers{4, 8192}));
    EXPECT_EQ(s.client_max_body_size, 0U) << "postern's own: any";
}

TEST(parse, one_value_stands_for_a_list_of_one) {
    const auto doc = parse(minimal, "p.yaml");
    EXPECT_EQ(doc.settings.servers.at(0).listen.size(), 1U);
}

TEST(parse, the_key_schedule_is_one_of_two_words) {
    EXPECT_EQ(settings().tls.key_schedule, key_schedule::postern);
    const auto doc = parse("tls: {key_schedule: openssl}\n" + minimal, "/etc/p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.tls.key_schedule, key_schedule::openssl);
    EXPECT_THAT(told_with("tls: {key_schedule: fast}"),
                ElementsAre(AllOf(HasSubstr("1:21: tls.key_schedule"), HasSubstr("postern"), HasSubstr("openssl"))));
}

TEST(parse, an_unknown_key_is_an_error_that_suggests_the_nearest) {
    EXPECT_THAT(told_with("worker: 2"), ElementsAre("/etc/p.yaml:1:1: worker: unknown key; did you mean workers?"));
}

TEST(parse, a_key_of_a_block_that_stands_outside_is_suggested_with_its_block) {
    EXPECT_THAT(told(minimal + "    ssl_protocols: TLSv1.3\n"),
                ElementsAre("/etc/p.yaml:5:5: servers[0].ssl_protocols: unknown key; did you mean ssl.protocols?"));
    EXPECT_THAT(told(minimal + "    protocols: TLSv1.3\n"),
                ElementsAre("/etc/p.yaml:5:5: servers[0].protocols: unknown key; did you mean ssl.protocols?"));
    EXPECT_THAT(told_with("handshake_timeout: 5s"),
                ElementsAre("/etc/p.yaml:1:1: handshake_timeout: unknown key; did you mean limits.handshake_timeout?"));
    EXPECT_THAT(told_with("listen: 443"), ElementsAre("/etc/p.yaml:1:1: listen: unknown key"))
        << "two blocks have it, and which one is meant is not known";
}

TEST(parse, a_key_far_from_any_other_gets_no_suggestion) {
    EXPECT_THAT(told_with("telemetry: 1"), ElementsAre("/etc/p.yaml:1:1: telemetry: unknown key"));
}

TEST(parse, nginxs_prefix_inside_the_ssl_block_gets_the_right_name) {
    EXPECT_THAT(
        told(R"(servers:
  - listen: 127.0.0.1:8443
    ssl: {certificate: a.crt, ssl_protocols: TLSv1.3}
    proxy_pass: tcp://127.0.0.1:9001
)"),
        ElementsAre("/etc/p.yaml:3:31: servers[0].ssl.ssl_protocols: unknown key: the keys of the ssl block have "
                    "no ssl_ prefix; did you mean protocols?"));
}

TEST(parse, booleans_are_on_off_true_and_false_only) {
    for (const char* right : {"on", "off", "true", "false"})
        EXPECT_THAT(told(minimal + "    default_server: " + right + "\n"), ElementsAre()) << right;
    for (const auto& [wrong, meant] : std::map<std::string, std::string>{
             {"yes", "on"}, {"On", "on"}, {"TRUE", "on"}, {"1", "on"}, {"no", "off"}, {"n", "off"}, {"0", "off"}})
        EXPECT_THAT(told(minimal + "    default_server: " + wrong + "\n"),
                    ElementsAre("/etc/p.yaml:5:21: servers[0].default_server: neither on nor off (found: " + wrong +
                                "); allowed: on or off, true or false; did you mean " + meant + "?"));
}

TEST(parse, wrong_types_and_units_say_what_was_found_and_what_is_allowed) {
    const std::string time = "a time with its unit, such as 250ms, 5s, 10m, 1h or 1d";
    const std::map<std::string, std::string> rows{
        {"shutdown_timeout: 30", "1:19: shutdown_timeout: a time without a unit (found: 30); allowed: " + time},
        {"shutdown_timeout: soon", "1:19: shutdown_timeout: not a time (found: soon); allowed: " + time},
        {"shutdown_timeout: 0s", "1:19: shutdown_timeout: out of bounds (found: 0s); allowed: " + time},
        {"shutdown_timeout: [5s]", "1:19: shutdown_timeout: one value belongs here (found: a list); allowed: " + time},
        {"workers: many", "1:10: workers: not a number (found: many); allowed: auto or a number, 1 to 1024"},
        {"workers: 0", "1:10: workers: out of bounds (found: 0); allowed: auto or a number, 1 to 1024"},
        {"workers: 1025", "1:10: workers: out of bounds (found: 1025); allowed: auto or a number, 1 to 1024"},
        {"limits: {connections: 0}",
         "1:23: limits.connections: out of bounds (found: 0); allowed: a number, 1 or more"},
        {"limits: {handshakes_in_flight: -1}",
         "1:32: limits.handshakes_in_flight: not a number (found: -1); allowed: a number, 1 or more"},
        {"log: {level: loud}",
         "1:14: log.level: not one of the words (found: loud); allowed: debug, info, warning, error"},
        {"log: {level: inof}", "1:14: log.level: not one of the words (found: inof); allowed: debug, info, warning, "
                               "error; did you mean info?"},
        {"log: {level: INFO}", "1:14: log.level: not one of the words (found: INFO); allowed: debug, info, warning, "
                               "error; did you mean info?"},
        {"log: {file: off}",
         "1:13: log.file: cannot be off (found: off); allowed: a file, stdout, stderr, syslog or journal"},
        {"log: {access: 'syslog:server=log.example:514'}", "1:15: log.access: server is no IP address: log.example:514 "
                                                           "(found: syslog:server=log.example:514); allowed: " +
                                                               std::string(log_target_form)},
        {"log: {access: 'syslog:server=127.0.0.1,facility=locl7'}",
         "1:15: log.access: unknown: locl7 (found: syslog:server=127.0.0.1,facility=locl7); allowed: " +
             std::string(log_target_form) + "; did you mean local7?"},
        {"limits: [1]", "1:9: limits: keys and values belong here (found: a list); allowed: a map"},
        {"upstreams: [a]", "1:12: upstreams: groups by name belong here (found: a list); allowed: a map"},
        {"user: ''", "1:7: user: empty; allowed: text"},
        {"user: |\n  a\n  b", "1:7: user: a line break or a control character (found: a b ); allowed: text"},
        {R"(user: "a\tb")", "1:7: user: a line break or a control character (found: a b); allowed: text"},
        {R"(user: "a\0b")", "1:7: user: a zero byte (found: a b); allowed: text"},
        {R"(log: {file: "a\0b"})",
         "1:13: log.file: a zero byte (found: a b); allowed: a file, stdout, stderr, syslog or journal"},
        {"admin: {listen: localhost}", "1:17: admin.listen: not an address (found: localhost); allowed: 443, "
                                       "127.0.0.1:443, \"[::1]:443\", localhost:80 or unix:/path"},
    };
    for (const auto& [line, said] : rows) EXPECT_THAT(told_with(line), ElementsAre("/etc/p.yaml:" + said)) << line;
}

TEST(parse, a_value_of_http_serving_that_cannot_be_read_is_told_at_its_place) {
    const std::string buffers = "NUMBER SIZE, such as 4 8k: at least 1k each and at most 64k in all";
    const std::string time = "a time with its unit, such as 250ms, 5s, 10m, 1h or 1d";
    const std::string size = "a size in bytes, or with a unit such as 16k, 10m or 1g";
    const std::map<std::string, std::string> rows{
        {"keepalive_timeout: 75",
         "5:24: servers[0].keepalive_timeout: a time without a unit (found: 75); allowed: " + time},
        {"send_timeout: 0s", "5:19: servers[0].send_timeout: out of bounds (found: 0s); allowed: " + time},
        {"keepalive_requests: 0",
         "5:25: servers[0].keepalive_requests: out of bounds (found: 0); allowed: a number, 1 or more"},
        {"client_max_body_size: 1t", "5:27: servers[0].client_max_body_size: not a size (found: 1t); allowed: " + size},
        {"large_client_header_buffers: 8k",
         "5:34: servers[0].large_client_header_buffers: not a number and a size (found: 8k); allowed: " + buffers},
        {"large_client_header_buffers: 0 8k",
         "5:34: servers[0].large_client_header_buffers: out of bounds (found: 0 8k); allowed: " + buffers},
        {"large_client_header_buffers: 4 1023",
         "5:34: servers[0].large_client_header_buffers: out of bounds (found: 4 1023); allowed: " + buffers},
        {"large_client_header_buffers: 9 8k",
         "5:34: servers[0].large_client_header_buffers: out of bounds (found: 9 8k); allowed: " + buffers},
        {"forwarded: yes",
         "5:16: servers[0].forwarded: neither on nor off (found: yes); allowed: on or off, true or false; did you mean "
         "on?"},
        {"plain_http: rediret", "5:17: servers[0].plain_http: not one of the words (found: rediret); allowed: reject, "
                                "redirect; did you mean redirect?"},
        {"hsts: 31536000", "5:11: servers[0].hsts: a time without a unit (found: 31536000); allowed: " + time},
        {"return: 301", "5:13: servers[0].return: a redirect without a URL (found: 301); allowed: https://..., "
                        "http://..., /path or a URL that begins with a variable"},
        {"return: [404]", "5:13: servers[0].return: one value belongs here (found: a list); allowed: CODE, CODE TEXT, "
                          "CODE URL or a URL"},
        {"return: 700", "5:13: servers[0].return: not a code of an answer (found: 700); allowed: 200 to 599"},
        {"add_header: [X-A, b]",
         "5:17: servers[0].add_header: headers by name belong here (found: a list); allowed: a map"},
        {"add_header: {X-A: [b]}",
         "5:23: servers[0].add_header.X-A: one value belongs here (found: a list); allowed: text"},
        {"add_header:\n      X-A: \"a\\r\\nb\"", "6:12: servers[0].add_header.X-A: a line break or a control character "
                                                 "(found: a  b); allowed: one line of text"},
        {"proxy_set_header: {Host: \"${host\"}",
         "5:30: servers[0].proxy_set_header.Host: a `${` without its `}` (found: ${host); allowed: ${host}"},
        {"proxy_sett_header: {}", "5:5: servers[0].proxy_sett_header: unknown key; did you mean proxy_set_header?"},
    };
    const std::string https = "servers:\n  - listen: 127.0.0.1:8443\n    ssl: {certificate: a.crt}\n"
                              "    server_name: a\n";
    for (const auto& [line, said] : rows)
        EXPECT_THAT(told(https + "    " + line + "\n"), ElementsAre("/etc/p.yaml:" + said)) << line;
}

TEST(parse, an_unknown_variable_is_told_with_the_nearest_and_all) {
    EXPECT_THAT(told(minimal + "    locations: [{path: /, return: 200 $hots}]\n"),
                Contains(AllOf(HasSubstr("/etc/p.yaml:5:35: servers[0].locations[0].return: an unknown variable, $hots "
                                         "(found: 200 $hots); allowed: host, http_host, "),
                               HasSubstr(", time_iso8601; did you mean $host?"))));
}

TEST(parse, a_trusted_proxy_that_is_none_is_told_with_what_was_meant) {
    const std::string key = "trusted_proxies";
    EXPECT_THAT(told_with(key + ": [10.0.0.0/8, 10.1.2.3/8]"),
                ElementsAre("/etc/p.yaml:1:31: trusted_proxies[1]: bits are set beyond the prefix (found: 10.1.2.3/8); "
                            "allowed: 10.0.0.0/8"));
    EXPECT_THAT(told_with(key + ": proxy.example.org"),
                ElementsAre("/etc/p.yaml:1:18: trusted_proxies[0]: neither an address nor a network (found: "
                            "proxy.example.org); allowed: 10.0.0.0/8, 192.0.2.1, 2001:db8::/32 or ::1"));
    EXPECT_THAT(told_with(key + ": \"::/129\""),
                ElementsAre("/etc/p.yaml:1:18: trusted_proxies[0]: not a prefix (found: "
                            "::/129); allowed: a number from 0 to 128"));
    EXPECT_THAT(told_with(key + ": [\"[::1]\", ::1/128, 127.0.0.1]"), ElementsAre());
}

TEST(parse, headers_keep_the_order_and_the_case_of_the_text_and_have_places) {
    const auto doc = parse("servers:\n  - listen: 127.0.0.1:1\n    return: 200\n    add_header:\n      X-B: 1\n"
                           "      x-a: on\n      Empty: \"\"\n      X.C: $scheme://${host}x\n",
                           "p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    std::vector<std::string> read;
    for (const auto& h : doc.settings.servers.at(0).add_header) read.push_back(h.name + "=" + to_string(h.value));
    EXPECT_THAT(read, ElementsAre("X-B=1", "x-a=on", "Empty=", "X.C=$scheme://${host}x"));
    EXPECT_EQ(doc.place_of("servers[0].add_header.X.C").line, 8);
}

TEST(parse, a_time_may_be_nothing_where_that_has_a_meaning) {
    const auto doc = parse(minimal + "    keepalive_timeout: 0s\n", "p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.servers.at(0).keepalive_timeout, std::chrono::seconds(0));
}

TEST(parse, a_value_of_the_ssl_block_that_cannot_be_read_is_told_once) {
    const std::map<std::string, std::string> rows{
        {"buffer_size: 100", "3:44: servers[0].ssl.buffer_size: out of bounds (found: 100); allowed: a size in bytes, "
                             "or with a unit such as 16k, 10m or 1g, 512 to 16k"},
        {"buffer_size: 16kb", "3:44: servers[0].ssl.buffer_size: not a size (found: 16kb); allowed: a size in bytes, "
                              "or with a unit such as 16k, 10m or 1g, 512 to 16k"},
        {"session_timeout: 250ms", "3:48: servers[0].ssl.session_timeout: out of bounds (found: 250ms); allowed: a "
                                   "time with its unit, such as 250ms, 5s, 10m, 1h or 1d, 1s or more"},
        {"verify_depth: 101",
         "3:45: servers[0].ssl.verify_depth: out of bounds (found: 101); allowed: a number, 0 to 100"},
        {"protocols: [TLSv1.2, tlsv1.3]", "3:52: servers[0].ssl.protocols[1]: not one of the words (found: tlsv1.3); "
                                          "allowed: TLSv1, TLSv1.1, TLSv1.2, TLSv1.3; did you mean TLSv1.3?"},
        {"session_cache: shared", "3:46: servers[0].ssl.session_cache: not a session cache (found: shared); allowed: "
                                  "off, none, builtin, builtin:SESSIONS, shared:10m or shared:NAME:10m"},
    };
    for (const auto& [key, said] : rows)
        EXPECT_THAT(told("servers:\n  - listen: 127.0.0.1:8443\n    ssl: {certificate: a.crt, " + key +
                         "}\n    proxy_pass: tcp://127.0.0.1:9001\n"),
                    ElementsAre("/etc/p.yaml:" + said))
            << key;
}

TEST(parse, a_misspelt_key_with_nginxs_prefix_is_still_recognised) {
    EXPECT_THAT(told(minimal + "    proxy_timeout: 5s\n"), ElementsAre());
    EXPECT_THAT(told("servers:\n  - listen: 127.0.0.1:8443\n    ssl: {certificate: a.crt, ssl_protocosl: TLSv1.3}\n"),
                ElementsAre("/etc/p.yaml:3:31: servers[0].ssl.ssl_protocosl: unknown key: the keys of the ssl block "
                            "have no ssl_ prefix; did you mean protocols?"));
}

TEST(parse, paths_are_relative_to_the_file_that_names_them_and_words_are_no_paths) {
    const auto doc = parse(minimal + "upstreams: {app: {servers: [unix:run/app.sock]}}\n"
                                     "log: {file: stderr, access: logs/../access.log}\n",
                           "/etc/postern/p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.upstreams.at(0).servers.at(0).path, "/etc/postern/run/app.sock");
    EXPECT_EQ(doc.settings.log.file, "stderr");
    EXPECT_EQ(doc.settings.log.access, "/etc/postern/access.log");
    EXPECT_EQ(parse(R"(log: {file: "a\tb\nc"})", "/p.yaml").settings.log.file, "/a\tb\nc") << "any path can be named";
}

TEST(parse, a_setting_has_the_place_of_its_key_and_an_item_its_own) {
    const auto doc = parse(minimal + "    server_name: [a, b]\n", "p.yaml");
    const auto at = [&](std::string_view key) {
        const auto where = doc.place_of(key);
        return std::to_string(where.line) + ":" + std::to_string(where.column);
    };
    EXPECT_EQ(at("servers[0].ssl.certificate"), "3:11");
    EXPECT_EQ(at("servers[0].server_name[1]"), "5:22");
    EXPECT_EQ(at("servers[0].ssl.ciphers"), "3:5") << "the nearest that encloses it";
    EXPECT_EQ(at("user"), "0:0");
}

TEST(parse, all_problems_are_told_at_once_in_the_order_of_the_text) {
    EXPECT_THAT(told("wrokers: 1\nshutdown_timeout: soon\nservers:\n  - listen: nowhere\n    ssl: {ciphres: X}\n"),
                ElementsAre(HasSubstr(":1:1: wrokers"), HasSubstr(":2:19: shutdown_timeout"),
                            HasSubstr(":4:13: servers[0].listen[0]: not an address"),
                            HasSubstr(":5:5: servers[0].ssl: no certificate"),
                            HasSubstr(":5:11: servers[0].ssl.ciphres")));
}

TEST(parse, a_server_name_is_folded_and_loses_its_last_dot) {
    const auto doc = parse(minimal + "    server_name: [WWW.Example.ORG., \"*.B.example\"]\n", "p.yaml");
    EXPECT_THAT(doc.settings.servers.at(0).server_name, ElementsAre("www.example.org", "*.b.example"));
}

TEST(parse, a_file_that_cannot_be_read_is_one_problem) {
    const auto doc = load("/nonexistent/postern.yaml");
    ASSERT_EQ(doc.problems.size(), 1U);
    EXPECT_EQ(to_string(doc.problems[0]), "/nonexistent/postern.yaml: No such file or directory");
}
