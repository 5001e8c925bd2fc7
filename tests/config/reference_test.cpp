// The manual, the default file and the schema say what the parser does.
#include "config/change.hpp"
#include "config/document.hpp"
#include "config/fields.hpp"
#include "config/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

using namespace postern::config;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

template <class Struct>
void expect_rows(const std::string& text) {
    for_each_field<Struct>([&](const auto& f) { EXPECT_THAT(text, HasSubstr(std::string(f.line))) << f.key; });
}

// The default file with every key set: the marks before keys taken away, those before explanations not.
std::string uncommented(const std::string& yaml) {
    std::istringstream lines(yaml);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        const auto mark = line.find_first_not_of(' ');
        if (mark != std::string::npos && line.compare(mark, 2, "# ") == 0) line.erase(mark, 2);
        out += line + "\n";
    }
    return out;
}

}  // namespace

TEST(reference, the_manual_has_every_key) {
    const auto text = reference(reference_format::markdown);
    expect_rows<settings>(text);
    expect_rows<server>(text);
    expect_rows<ssl>(text);
    expect_rows<upstream>(text);
    expect_rows<location>(text);
    EXPECT_THAT(text, HasSubstr("| servers[].ssl.session_timeout | a time, 1s or more | `5m` | reload |"));
    EXPECT_THAT(text, HasSubstr("| workers | auto or a number, 1 to 1024 | `auto` | restart |"));
}

TEST(reference, bounds_stand_in_the_manual_once_with_their_unit) {
    const auto text = reference(reference_format::markdown);
    EXPECT_THAT(text, HasSubstr("| limits.connections | a number, 1 or more | `20000` | reload |"));
    EXPECT_THAT(text, HasSubstr("| servers[].ssl.buffer_size | a size, 512 to 16k | `16k` | reload |"));
    EXPECT_THAT(text, HasSubstr("| servers[].listen | an address, one or a list |  | reload |"));
    EXPECT_THAT(text, HasSubstr("| admin.listen | an address |  | restart |"));
}

TEST(reference, the_manual_has_every_variable) {
    const auto text = reference(reference_format::markdown);
    for (const auto& v : variables)
        EXPECT_THAT(text, HasSubstr("\n| $" + std::string(v.name) + " | " + std::string(v.line) + " |\n"));
}

TEST(reference, the_keys_of_http_serving_say_what_may_be_written) {
    const auto text = reference(reference_format::markdown);
    for (const char* row : {"| trusted_proxies | an address or a network, one or a list |  | reload |",
                            "| servers[].keepalive_timeout | a time | `75s` | reload |",
                            "| servers[].client_max_body_size | a size | `0` | reload |",
                            "| servers[].large_client_header_buffers | a number and a size | `4 8k` | reload |",
                            "| servers[].proxy_set_header | a map of headers |  | reload |",
                            "| servers[].plain_http | reject, redirect | `reject` | reload |",
                            "| servers[].return | CODE, CODE TEXT, CODE URL or a URL |  | reload |",
                            "| servers[].locations[].path | /prefix or = /exact | `/` | reload |",
                            "| servers[].locations[].client_max_body_size | a size |  | reload |",
                            "| upstreams.NAME.keepalive_requests | a number, 1 or more | `1000` | reload |"})
        EXPECT_THAT(text, HasSubstr(row));
}

TEST(reference, the_default_file_as_it_stands_is_a_configuration_of_defaults) {
    const auto doc = parse(reference(reference_format::yaml), "/etc/default.yaml");
    for (const auto& p : doc.problems) ADD_FAILURE() << to_string(p);
    settings expected;
    server one;
    one.listen = {{endpoint::kind::tcp, "127.0.0.1", 8443, ""}};
    one.ssl.emplace();
    one.ssl->certificate = {"/etc/site.crt"};
    one.ssl->certificate_key = {"/etc/site.key"};
    one.proxy_pass.type = destination::kind::tcp;
    one.proxy_pass.address = {endpoint::kind::tcp, "127.0.0.1", 9001, ""};
    expected.servers = {one};
    EXPECT_EQ(doc.settings, expected);
}

TEST(reference, every_key_of_the_default_file_can_be_read_once_its_mark_is_away) {
    const auto doc = parse(uncommented(reference(reference_format::yaml)), "/etc/default.yaml");
    // One server cannot do all of it at once; nothing else may be wrong.
    std::vector<std::string> told;
    for (const auto& p : doc.problems) told.push_back(p.key + ": " + p.what);
    const std::string one_source =
        ".session_ticket_secret: ticket keys come from files or from a secret, not from both";
    EXPECT_THAT(told, ElementsAre("tls" + one_source, "servers[0].ssl" + one_source,
                                  "servers[0].allow: without verify_client no client is known",
                                  "servers[0].redirect: a TCP server cannot redirect",
                                  "servers[0].return: a TCP server forwards bytes and gives no answers",
                                  "servers[0].locations: a TCP server has no locations",
                                  "servers[0].locations[0].return: a location has proxy_pass or return, not both",
                                  "servers[0].proxy_set_header: a TCP server forwards bytes and knows no headers",
                                  "servers[0].add_header: a TCP server forwards bytes and knows no headers",
                                  "servers[0].plain_http: a TCP server forwards bytes and gives no answers",
                                  "servers[0].hsts: a TCP server forwards bytes and knows no headers"));
    const auto& set = doc.settings;
    EXPECT_EQ(set.limits, limits{});
    EXPECT_EQ(set.log, postern::config::log{});
    EXPECT_EQ(set.shutdown_timeout, settings{}.shutdown_timeout);
    EXPECT_EQ(set.upstreams.at(0).fail_timeout, upstream{}.fail_timeout);
    EXPECT_EQ(set.servers.at(0).proxy_timeout, server{}.proxy_timeout);
    EXPECT_EQ(set.servers.at(0).ssl->ciphers, ssl{}.ciphers);
    EXPECT_EQ(set.servers.at(0).ssl->session_timeout, ssl{}.session_timeout);
    EXPECT_EQ(set.servers.at(0).locations.at(0).path, location{}.path);
    EXPECT_EQ(set.servers.at(0).large_client_header_buffers, header_buffers{});
    EXPECT_EQ(set.servers.at(0).keepalive_timeout, server{}.keepalive_timeout);
    EXPECT_EQ(set.servers.at(0).hsts, std::chrono::hours(365 * 24));
    EXPECT_EQ(set.servers.at(0).proxy_set_header.at(0).name, "X-Real-IP");
    EXPECT_EQ(set.trusted_proxies.size(), 2U);
    for (const char* key : {"user", "admin.listen", "upstreams.example.servers", "servers[0].ssl.alpn",
                            "servers[0].server_name", "servers[0].locations[0].proxy_read_timeout",
                            "servers[0].locations[0].client_max_body_size", "servers[0].return", "trusted_proxies"})
        EXPECT_TRUE(doc.places.contains(std::string_view(key))) << key;
}

TEST(change, keys_that_need_a_restart_are_found_wherever_they_stand) {
    settings from, to;
    EXPECT_THAT(needs_restart(from, to), ElementsAre());
    to.workers = 3;
    to.admin.listen = endpoint{endpoint::kind::tcp, "127.0.0.1", 1, ""};
    to.limits.connections = 7;  // live
    to.tls.key_schedule = key_schedule::openssl;
    EXPECT_THAT(needs_restart(from, to), ElementsAre("workers", "admin.listen"));
}
