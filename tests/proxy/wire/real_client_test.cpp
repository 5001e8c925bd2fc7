#include "proxy/wire/forwarding.hpp"

#include <gtest/gtest.h>

namespace postern::wire {
namespace {

// `trusted` are addresses with a space behind each.
std::string client_of(const std::string& headers, const std::string& trusted, const std::string& ip = "10.0.0.1") {
    const std::string raw = "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
    request_reader reader;
    EXPECT_EQ(reader.read({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()}, {}), head_status::complete)
        << raw;
    return std::string(real_client(reader.head(), ip, [&](std::string_view address) {
        return trusted.find(std::string(address) + " ") != std::string::npos;
    }));
}

TEST(real_client, is_whoever_is_connected_when_nobody_says_otherwise) {
    EXPECT_EQ(client_of("", "10.0.0.1 "), "10.0.0.1");
    EXPECT_EQ(client_of("X-Forwarded-For: , ,\r\n", "10.0.0.1 "), "10.0.0.1");
}

TEST(real_client, is_whoever_is_connected_when_that_is_a_stranger) {
    EXPECT_EQ(client_of("X-Forwarded-For: 1.1.1.1\r\n", "10.0.0.2 "), "10.0.0.1");
}

TEST(real_client, is_the_last_address_that_is_not_trusted) {
    EXPECT_EQ(client_of("X-Forwarded-For: 1.1.1.1, 2.2.2.2,10.0.0.2\r\n", "10.0.0.1 10.0.0.2 "), "2.2.2.2");
    EXPECT_EQ(client_of("X-Forwarded-For: 1.1.1.1\r\nA: b\r\nX-Forwarded-For: 2.2.2.2\r\n"
                        "X-Forwarded-For: 10.0.0.2\r\n",
                        "10.0.0.1 10.0.0.2 "),
              "2.2.2.2");
    EXPECT_EQ(client_of("X-Forwarded-For: 1.1.1.1, 2001:db8::1\r\n", "10.0.0.1 "), "2001:db8::1");
}

TEST(real_client, is_the_first_address_when_all_are_trusted) {
    EXPECT_EQ(client_of("X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n", "10.0.0.1 10.0.0.2 10.0.0.3 "), "10.0.0.3");
}

TEST(real_client, is_looked_for_behind_so_many_proxies_and_no_more) {
    const auto behind = [](int proxies) {
        std::string list = "1.1.1.1";
        for (int i = 0; i < proxies; ++i) list += ", 10.0.0.2";
        return client_of("X-Forwarded-For: " + list + "\r\n", "10.0.0.1 10.0.0.2 ");
    };
    EXPECT_EQ(behind(63), "1.1.1.1");
    EXPECT_EQ(behind(700), "10.0.0.2");
}

TEST(real_client, has_no_port) {
    EXPECT_EQ(client_of("X-Forwarded-For: 2.2.2.2:55\r\n", "10.0.0.1 "), "2.2.2.2");
    EXPECT_EQ(client_of("X-Forwarded-For: [2001:db8::1]:55\r\n", "10.0.0.1 "), "2001:db8::1");
    EXPECT_EQ(client_of("X-Forwarded-For: [2001:db8::1]\r\n", "10.0.0.1 "), "2001:db8::1");
}

TEST(real_client, is_nobody_behind_what_is_no_address) {
    for (const char* odd : {"unknown", "_b", "1.1.1", "1.1.1.1:x", "[::1", "1.1.1.1 ,a", "\"1.1.1.1\"", "[]:1", ":1"})
        EXPECT_EQ(client_of("X-Forwarded-For: 9.9.9.9, " + std::string(odd) + ", 10.0.0.2\r\n", "10.0.0.1 10.0.0.2 "),
                  "10.0.0.2")
            << odd;
}

}  // namespace
}  // namespace postern::wire
