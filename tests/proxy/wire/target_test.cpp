#include "proxy/wire/target.hpp"

#include "proxy/wire/address.hpp"

#include <gtest/gtest.h>

namespace postern::wire {
namespace {

using namespace std::string_literals;

std::optional<std::string> path_of(std::string_view target) {
    std::string path = "left over";
    if (!normalize_path(target, path)) return std::nullopt;
    return path;
}

TEST(normalize_path, leaves_plain_paths_as_they_are) {
    for (const char* path : {"/", "/a", "/a/", "/a/b.c", "/.a", "/..a", "/a..", "/...", "/a/.../b", "/a;b=c", "*"})
        EXPECT_EQ(path_of(path), path);
}

TEST(normalize_path, ends_at_the_query) {
    EXPECT_EQ(path_of("/a?b/../c"), "/a");
    EXPECT_EQ(path_of("/?"), "/");
    EXPECT_EQ(path_of("/a?%zz"), "/a");
}

TEST(normalize_path, decodes_once) {
    EXPECT_EQ(path_of("/%61%2f%4A%4a"), "/a/JJ");
    EXPECT_EQ(path_of("/a%20b+c"), "/a b+c");
    EXPECT_EQ(path_of("/%2561"), "/%61");
    EXPECT_EQ(path_of("/a%3fb%23c"), "/a?b#c");
    EXPECT_EQ(path_of("/%c3%A4"), "/\xc3\xa4");
    EXPECT_EQ(path_of("/%0d%0a"), "/\r\n");
}

TEST(normalize_path, merges_slashes) {
    EXPECT_EQ(path_of("//"), "/");
    EXPECT_EQ(path_of("///a//b///"), "/a/b/");
    EXPECT_EQ(path_of("/a/%2f%2F/b"), "/a/b");
}

TEST(normalize_path, resolves_dots) {
    EXPECT_EQ(path_of("/."), "/");
    EXPECT_EQ(path_of("/./a/./b/."), "/a/b/");
    EXPECT_EQ(path_of("/a/.."), "/");
    EXPECT_EQ(path_of("/a/../"), "/");
    EXPECT_EQ(path_of("/a/b/../c"), "/a/c");
    EXPECT_EQ(path_of("/a/b/../../c"), "/c");
    EXPECT_EQ(path_of("/a/b/.."), "/a/");
    EXPECT_EQ(path_of("/a//../b"), "/b");
    EXPECT_EQ(path_of("/a/./../b"), "/b");
}

TEST(normalize_path, resolves_dots_that_are_encoded) {
    EXPECT_EQ(path_of("/a/%2e%2E/b"), "/b");
    EXPECT_EQ(path_of("/a/.%2e/b"), "/b");
    EXPECT_EQ(path_of("/a/b%2f..%2fc"), "/a/c");
    EXPECT_EQ(path_of("/a/%2e/b"), "/a/b");
}

TEST(normalize_path, refuses_to_go_above_the_root) {
    for (const char* path :
         {"/..", "/../", "/../a", "/a/../..", "/a/../../b", "//..", "/./..", "/%2e%2e", "/..%2f", "/a/..%2f../b"})
        EXPECT_EQ(path_of(path), std::nullopt) << path;
}

TEST(normalize_path, refuses_broken_encoding) {
    for (const char* path : {"/%", "/%a", "/%zz", "/%a?b", "/%%61", "/a%g0", "/a%0g", "/%u0061", "/%-1", "/% 1"})
        EXPECT_EQ(path_of(path), std::nullopt) << path;
}

TEST(normalize_path, refuses_nul) {
    EXPECT_EQ(path_of("/a%00"), std::nullopt);
    EXPECT_EQ(path_of("/a\0b"s), std::nullopt);
}

TEST(normalize_path, refuses_what_is_no_path) {
    for (const char* path : {"", "a", "?a", "**", "http://a/"}) EXPECT_EQ(path_of(path), std::nullopt) << path;
}

TEST(query_of, is_what_stands_behind_the_first_question_mark) {
    EXPECT_EQ(query_of("/a?b=c?d&e"), "b=c?d&e");
    EXPECT_EQ(query_of("/a?"), "");
    EXPECT_EQ(query_of("/a"), "");
    EXPECT_EQ(query_of("*"), "");
}

// Name and port with a bar between them; "none" when it is no authority.
std::string parts_of(std::string_view text) {
    const auto parts = parse_authority(text);
    return parts ? std::string(parts->name) + "|" + std::string(parts->port) : "none";
}

TEST(parse_authority, takes_names_and_addresses) {
    EXPECT_EQ(parts_of("a"), "a|");
    EXPECT_EQ(parts_of("Www.Example-1.com"), "Www.Example-1.com|");
    EXPECT_EQ(parts_of("a_b.example"), "a_b.example|");
    EXPECT_EQ(parts_of("192.0.2.1"), "192.0.2.1|");
    EXPECT_EQ(parts_of("[2001:DB8::1]"), "[2001:DB8::1]|");
    EXPECT_EQ(parts_of(std::string(255, 'a')), std::string(255, 'a') + "|");
}

TEST(parse_authority, takes_a_port) {
    EXPECT_EQ(parts_of("a:443"), "a|443");
    EXPECT_EQ(parts_of("[::1]:8080"), "[::1]|8080");
    EXPECT_EQ(parts_of("a:65535"), "a|65535");
    EXPECT_EQ(parts_of("a:"), "a|");
    EXPECT_EQ(parts_of("[::1]:"), "[::1]|");
}

TEST(parse_authority, drops_one_dot_at_the_end_of_a_name) {
    EXPECT_EQ(parts_of("example.com."), "example.com|");
    EXPECT_EQ(parts_of("example.com.:80"), "example.com|80");
    EXPECT_EQ(parts_of("example.com.."), "none");
}

TEST(parse_authority, refuses_everything_else) {
    for (const char* text :
         {"",       ".",    ".a",   "a..b", ":80",    "a:b",     "a:-1", "a:65536",   "a:000080",  "a:80:80",
          "a b",    "a,b",  "a/b",  "a?b",  "a#b",    "a@b",     "a\\b", "a%20",      "a\tb",      "\xc3\xa4",
          "[",      "[]",   "[::1", "::1",  "[::1]a", "[::1]80", "[a]",  "[::1%25e]", "[1.2.3.4]", "[v1.a]",
          "a[::1]", "a\"b", "a'b",  "(a)",  "*.a",    "a:80 ",   " a"})
        EXPECT_EQ(parts_of(text), "none") << text;
    EXPECT_EQ(parts_of("a\0"s), "none");
    EXPECT_EQ(parts_of(std::string(256, 'a')), "none");
}

TEST(ip_addresses, are_told_from_other_text) {
    for (const char* text : {"0.0.0.0", "255.255.255.255", "192.0.2.10"}) EXPECT_TRUE(ipv4_address(text)) << text;
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.a",
                             "1.2.3.0004", "0x1.2.3.4", "1.2.3.4 ", "::1"})
        EXPECT_FALSE(ipv4_address(text)) << text;
    for (const char* text : {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "2001:db8::1", "1::8",
                             "1:2:3:4:5:6:7::", "::ffff:192.0.2.1", "1:2:3:4:5:6:1.2.3.4", "ABCD:ef01::"})
        EXPECT_TRUE(ipv6_address(text)) << text;
    for (const char* text : {"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7:8::", "::1::", "12345::", "g::", ":1",
                             "1:", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1%eth0", "[::1]", "1.2.3.4"})
        EXPECT_FALSE(ipv6_address(text)) << text;
}

}  // namespace
}  // namespace postern::wire
