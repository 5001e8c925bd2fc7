#include "config/url.hpp"

#include <gtest/gtest.h>

using namespace postern::config;

namespace {

// "host port authority target", or "none".
std::string read(std::string_view text) {
    const auto url = parse_http_url(text);
    if (!url) return "none";
    return url->address.host + " " + std::to_string(url->address.port) + " " + url->authority + " " + url->target;
}

}  // namespace

TEST(http_url, has_a_host_and_perhaps_a_port_a_path_and_a_query) {
    EXPECT_EQ(read("http://ocsp.example.org"), "ocsp.example.org 80 ocsp.example.org /");
    EXPECT_EQ(read("http://ocsp.example.org/"), "ocsp.example.org 80 ocsp.example.org /");
    EXPECT_EQ(read("HTTP://a:8080/b/c?d=e/f:g"), "a 8080 a:8080 /b/c?d=e/f:g");
    EXPECT_EQ(read("http://a?b"), "a 80 a /?b");
    EXPECT_EQ(read("http://127.0.0.1:1/x#part"), "127.0.0.1 1 127.0.0.1:1 /x");
    EXPECT_EQ(read("http://[::1]"), "::1 80 [::1] /");
    EXPECT_EQ(read("http://[::1]:81/x"), "::1 81 [::1]:81 /x");
}

TEST(http_url, of_another_scheme_or_with_anything_else_in_it_is_none) {
    for (const auto* text : {"",
                             "http:",
                             "http://",
                             "http:///x",
                             "https://a",
                             "ftp://a",
                             "a",
                             "ldap://a/b",
                             "http://:80",
                             "http://a:0",
                             "http://a:99999",
                             "http://a:x",
                             "http://user@a/",
                             "http://u:p@a/",
                             "http://*:80",
                             "http://0.0.0.0/",
                             "http://[::1",
                             "http://[x]/",
                             "http://unix:/x",
                             "http://a/ b",
                             "http://a/\r\nX: y",
                             "http://a\t/",
                             "http://\xc3\xa4/",
                             "http://a/\xc3\xa4",
                             "http://a/\x7f"})
        EXPECT_EQ(read(text), "none") << text;
    EXPECT_EQ(read(std::string_view("http://a/\0b", 11)), "none");
}
