// The table of nginx's ssl directives: all of them are in it, and it says what the parser does.
#include "config/directives.hpp"
#include "config/document.hpp"
#include "config/fields.hpp"
#include "config/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace postern::config;
using standing = directive::standing;
using testing::HasSubstr;

namespace {

// ngx_http_ssl_module and ngx_stream_ssl_module of nginx 1.22.
const std::set<std::string_view> of_nginx_1_22{
    "ssl",
    "ssl_alpn",
    "ssl_buffer_size",
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_ciphers",
    "ssl_client_certificate",
    "ssl_conf_command",
    "ssl_crl",
    "ssl_dhparam",
    "ssl_early_data",
    "ssl_ecdh_curve",
    "ssl_handshake_timeout",
    "ssl_ocsp",
    "ssl_ocsp_cache",
    "ssl_ocsp_responder",
    "ssl_password_file",
    "ssl_prefer_server_ciphers",
    "ssl_protocols",
    "ssl_reject_handshake",
    "ssl_session_cache",
    "ssl_session_ticket_key",
    "ssl_session_tickets",
    "ssl_session_timeout",
    "ssl_stapling",
    "ssl_stapling_file",
    "ssl_stapling_responder",
    "ssl_stapling_verify",
    "ssl_trusted_certificate",
    "ssl_verify_client",
    "ssl_verify_depth",
};
// What versions up to 1.29 have brought.
const std::set<std::string_view> of_later_ones{
    "ssl_certificate_cache", "ssl_certificate_compression",  "ssl_ech_file",
    "ssl_key_log",           "ssl_object_cache_inheritable",
};

bool is_key(std::string_view key) {
    bool found = false;
    for_each_field<ssl>([&](const auto& f) { found = found || f.key == key; });
    return found;
}

std::string told(const std::string& line) {
    const auto doc = parse("servers:\n  - listen: 443\n    ssl: {certificate: a.crt, " + line +
                               "}\n    proxy_pass: tcp://127.0.0.1:1\n",
                           "/etc/p.yaml");
    std::string all;
    for (const auto& p : doc.problems) all += to_string(p) + "\n";
    return all;
}

}  // namespace

TEST(directives, those_of_nginx_are_all_in_the_table_once_and_in_order) {
    auto all = of_nginx_1_22;
    all.insert(of_later_ones.begin(), of_later_ones.end());
    std::set<std::string_view> listed;
    for (const auto& d : directives) EXPECT_TRUE(listed.insert(d.name).second) << d.name;
    EXPECT_EQ(listed, all);
    EXPECT_TRUE(std::is_sorted(directives.begin(), directives.end(),
                               [](const directive& a, const directive& b) { return a.name < b.name; }));
}

TEST(directives, those_that_are_served_have_a_key_and_the_others_have_none) {
    for (const auto& d : directives) {
        if (d.name == "ssl") continue;
        EXPECT_EQ(is_key(key_of(d)), d.is != standing::refused) << d.name;
    }
}

TEST(directives, every_key_of_the_ssl_block_that_is_not_nginxs_is_listed_here) {
    std::set<std::string_view> ours;
    for_each_field<ssl>([&](const auto& f) {
        const auto is = [&](const directive& d) { return d.name != "ssl" && key_of(d) == f.key; };
        if (std::none_of(directives.begin(), directives.end(), is)) ours.insert(f.key);
    });
    EXPECT_EQ(ours, (std::set<std::string_view>{"ciphersuites", "session_ticket_secret"}));
}

TEST(directives, what_differs_or_is_refused_has_its_reason) {
    for (const auto& d : directives) EXPECT_EQ(d.line.empty(), d.is == standing::same) << d.name;
}

TEST(directives, a_refused_one_is_refused_with_the_words_of_the_table) {
    for (const auto& d : directives) {
        if (d.is != standing::refused) continue;
        const std::string words = "nginx's " + std::string(d.name) + " is not served: " + std::string(d.line);
        for (const auto& key : {std::string(key_of(d)), std::string(d.name)})
            EXPECT_EQ(told(key + ": x"), "/etc/p.yaml:3:31: servers[0].ssl." + key + ": " + words + "\n");
    }
}

TEST(directives, the_manual_has_each) {
    const auto text = reference(reference_format::markdown);
    for (const auto& d : directives) EXPECT_THAT(text, HasSubstr("\n| " + std::string(d.name) + " | "));
    EXPECT_THAT(text, HasSubstr("\n| ssl_password_file | as in nginx |  |\n"));
    EXPECT_THAT(text, HasSubstr("\n| ssl_ocsp | refused | clients' certificates are looked up in `crl`; "));
}
