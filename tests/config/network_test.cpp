#include "config/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::HasSubstr;

namespace {

bool in(const char* net, const char* ip) { return parse_network(net).value().contains(ip); }

}  // namespace

TEST(network, an_address_stands_alone) {
    for (const auto* address : {"192.0.2.1", "::1", "::ffff:192.0.2.1"}) EXPECT_TRUE(is_address(address)) << address;
    for (const auto* other : {"", "192.0.2", "192.0.2.0/24", "[::1]", "192.0.2.1:80", "fe80::1%eth0", "a.example"})
        EXPECT_FALSE(is_address(other)) << other;
}

TEST(network, an_ipv4_network_is_held_as_mapped_ipv6) {
    const auto n = parse_network("10.0.0.0/8");
    ASSERT_TRUE(n);
    EXPECT_EQ(n->prefix, 104U);
    EXPECT_EQ(n->address, (std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 0}));
}

TEST(network, an_address_alone_is_a_network_of_one) {
    EXPECT_EQ(parse_network("192.0.2.1"), parse_network("192.0.2.1/32"));
    EXPECT_EQ(parse_network("::1"), parse_network("::1/128"));
    EXPECT_TRUE(in("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(in("192.0.2.1", "192.0.2.0"));
    EXPECT_FALSE(in("::1", "::"));
}

TEST(network, a_network_holds_the_addresses_that_share_its_prefix) {
    for (unsigned prefix = 0; prefix <= 32; ++prefix) {
        // 255.255.255.255 cut off after `prefix` bits, and an address that differs in the last bit within it.
        const std::uint32_t bits = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
        const auto text = [](std::uint32_t a) {
            return std::to_string(a >> 24) + "." + std::to_string((a >> 16) & 255) + "." +
                   std::to_string((a >> 8) & 255) + "." + std::to_string(a & 255);
        };
        const auto n = parse_network(text(bits) + "/" + std::to_string(prefix));
        ASSERT_TRUE(n) << prefix;
        EXPECT_TRUE(n->contains("255.255.255.255")) << prefix;
        EXPECT_TRUE(n->contains(text(bits))) << prefix;
        if (prefix > 0) {
            EXPECT_FALSE(n->contains(text(~std::uint32_t{0} ^ (1U << (32 - prefix))))) << prefix;
        }
    }
    EXPECT_TRUE(in("10.0.0.0/8", "10.255.1.2"));
    EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(in("::/0", "2001:db8::1"));
}

TEST(network, mapped_ipv6_counts_as_ipv4) {
    EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_TRUE(in("10.0.0.0/8", "::ffff:a01:203"));
    EXPECT_EQ(parse_network("::ffff:10.0.0.0/104"), parse_network("10.0.0.0/8"));
    EXPECT_FALSE(in("10.0.0.0/8", "::10.1.2.3")) << "an IPv6 address of its own";
}

TEST(network, a_network_of_ipv6_holds_no_ipv4_and_the_other_way_round) {
    EXPECT_FALSE(in("::/0", "127.0.0.1"));
    EXPECT_FALSE(in("::/0", "::ffff:127.0.0.1"));
    EXPECT_FALSE(in("0.0.0.0/0", "::1"));
    EXPECT_TRUE(in("0.0.0.0/0", "255.255.255.255"));
}

TEST(network, what_is_no_address_is_in_no_network) {
    for (const char* ip : {"", "localhost", "10.0.0.1:80", "10.0.0", "[::1]", "10.0.0.0/8", "unix:", " 10.0.0.1"}) {
        EXPECT_FALSE(in("0.0.0.0/0", ip)) << ip;
        EXPECT_FALSE(in("::/0", ip)) << ip;
    }
    EXPECT_FALSE(parse_network("10.0.0.1")->contains(std::string_view("10.0.0.1\0", 9)));
}

TEST(network, the_scope_of_an_address_does_not_count) { EXPECT_TRUE(in("fe80::/10", "fe80::1%eth0")); }

TEST(network, bits_beyond_the_prefix_name_the_network_that_was_meant) {
    const auto told = [](const char* text) {
        misread why;
        EXPECT_FALSE(parse_network(text, &why)) << text;
        return why.what + ": " + why.allowed;
    };
    EXPECT_EQ(told("10.1.2.3/8"), "bits are set beyond the prefix: 10.0.0.0/8");
    EXPECT_EQ(told("192.0.2.129/25"), "bits are set beyond the prefix: 192.0.2.128/25");
    EXPECT_EQ(told("2001:db8::1/32"), "bits are set beyond the prefix: 2001:db8::/32");
    EXPECT_EQ(told("::1/0"), "bits are set beyond the prefix: ::/0");
}

TEST(network, what_is_no_network_is_refused) {
    for (const char* wrong : {"",
                              "/",
                              "x",
                              "localhost",
                              "10.0.0.0/",
                              "/8",
                              "10.0.0.0/33",
                              "10.0.0.0/-1",
                              "10.0.0.0/+8",
                              "10.0.0.0/8 ",
                              "10.0.0.0/8/8",
                              "10.0.0.0/255.0.0.0",
                              "10.0.0",
                              "10.0.0.256",
                              "010.0.0.1",
                              "::/129",
                              "::1/",
                              "[::1",
                              "::1]",
                              "[]",
                              "[10.0.0.1]",
                              "[::1]:80",
                              "10.0.0.1:80",
                              "fe80::1%eth0",
                              "::/99999999999999999999",
                              "*",
                              "unix:"})
        EXPECT_FALSE(parse_network(wrong)) << wrong;
    EXPECT_FALSE(parse_network(std::string_view("10.0.0.1\0", 9)));
    EXPECT_FALSE(parse_network(std::string_view("10.0.0.0\0/8", 11)));
    misread why;
    EXPECT_FALSE(parse_network("10.0.0.0/33", &why));
    EXPECT_EQ(why.allowed, "a number from 0 to 32");
    EXPECT_FALSE(parse_network("::/129", &why));
    EXPECT_EQ(why.allowed, "a number from 0 to 128");
}

TEST(network, each_network_is_printed_in_one_spelling_that_is_read_back) {
    for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "127.0.0.1", "2001:db8::/32", "::/0", "::1", "fd00::/8"}) {
        EXPECT_EQ(to_string(*parse_network(text)), text);
    }
    EXPECT_EQ(to_string(*parse_network("192.0.2.1/32")), "192.0.2.1");
    EXPECT_EQ(to_string(*parse_network("2001:DB8:0::0/32")), "2001:db8::/32");
    EXPECT_EQ(to_string(*parse_network("[::1]")), "::1");
    EXPECT_EQ(to_string(*parse_network("[fd00::]/8")), "fd00::/8");
}
