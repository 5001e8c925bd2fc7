#include "proxy/tls/server_name.hpp"

#include "tests/proxy/tls/hello_builder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::tls {
namespace {

octets list_of(const octets& entries) { return sized(entries, 2); }
octets entry(std::string_view name, std::uint8_t type = 0) { return number(type, 1) + sized(text(name), 2); }
std::optional<std::string> name_of(std::string_view raw) { return read_server_name(list_of(entry(raw))); }

TEST(server_name, is_folded_to_lower_case) { EXPECT_EQ(name_of("WWW.eXample.COM"), "www.example.com"); }

TEST(server_name, loses_its_trailing_dot) { EXPECT_EQ(name_of("example.com."), "example.com"); }

TEST(server_name, may_have_digits_hyphens_underscores_and_one_label) {
    for (const char* name : {"localhost", "a-b_c.example", "1.2.3.example", "xn--bcher-kva.example", "3", "1.2.3"})
        EXPECT_EQ(name_of(name), name);
}

TEST(server_name, of_an_ip_literal_is_no_name) {
    for (const char* name :
         {"127.0.0.1", "127.0.0.1.", "::1", "[::1]", "2001:DB8::1", "::ffff:1.2.3.4", "fe80::1%eth0"})
        EXPECT_EQ(name_of(name), "") << name;
}

TEST(server_name, with_a_byte_that_no_host_name_has_is_refused) {
    for (const std::string& name :
         {std::string("a\0b.example", 11), std::string("a\0", 2), std::string("a b"), std::string("a/b"),
          std::string("*.example"), std::string("a\r\nb"), std::string("b\xc3\xbc"), std::string("\x7f"),
          std::string("example.com:443"), std::string("user@example"), std::string("\"a\"")})
        EXPECT_EQ(name_of(name), std::nullopt) << name;
}

TEST(server_name, with_an_empty_label_is_refused) {
    for (const char* name : {".", "..", ".example", "a..example", "example.."})
        EXPECT_EQ(name_of(name), std::nullopt) << name;
}

TEST(server_name, has_at_most_255_bytes) {
    EXPECT_EQ(name_of(std::string(255, 'a')), std::string(255, 'a'));
    EXPECT_EQ(name_of(std::string(256, 'a')), std::nullopt);
}

TEST(server_name, is_not_empty) { EXPECT_EQ(name_of(""), std::nullopt); }

TEST(server_name, comes_alone) {
    EXPECT_EQ(read_server_name(list_of(entry("a.example") + entry("b.example"))), std::nullopt);
    EXPECT_EQ(read_server_name(list_of(entry("a.example") + entry("b.example", 1))), std::nullopt);
}

TEST(server_name, of_an_unknown_type_is_refused) { EXPECT_EQ(read_server_name(list_of(entry("a", 1))), std::nullopt); }

TEST(server_name, with_lengths_that_do_not_add_up_is_refused) {
    const octets good = list_of(entry("a.example"));
    ASSERT_EQ(read_server_name(good), "a.example");
    for (std::size_t n = 0; n < good.size(); ++n)
        EXPECT_EQ(read_server_name(std::span(good).first(n)), std::nullopt) << n;
    EXPECT_EQ(read_server_name(good + octets{0}), std::nullopt);
    for (const std::size_t length_byte : {1, 4}) {
        for (const int off : {-1, 1}) {
            octets lying = good;
            lying[length_byte] = static_cast<std::uint8_t>(lying[length_byte] + off);
            EXPECT_EQ(read_server_name(lying), std::nullopt) << length_byte << off;
        }
    }
    EXPECT_EQ(read_server_name(list_of({})), std::nullopt);
}

}  // namespace
}  // namespace postern::tls
