#include "config/units.hpp"

#include <gtest/gtest.h>

using namespace postern::config;
using namespace std::chrono_literals;

TEST(units, a_duration_is_a_number_and_its_unit_or_several) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("5s"), 5s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("2d"), 48h);
    EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(units, weeks_months_and_years_are_nginxs) {
    EXPECT_EQ(parse_duration("1w"), 7 * 24h);
    EXPECT_EQ(parse_duration("1M"), 30 * 24h);
    EXPECT_EQ(parse_duration("1y"), 365 * 24h);
    EXPECT_EQ(parse_duration("1m"), 1min) << "a small letter is a minute";
    EXPECT_EQ(parse_duration("100y"), 36500 * 24h);
    for (const char* wrong : {"101y", "99y13M", "1Y", "1W", "y", "1y6"}) EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(units, a_duration_without_a_unit_or_with_anything_odd_is_refused) {
    for (const char* wrong : {"", "5", "s", "5 s", "5sec", "-5s", "1.5s", "5s ", "99999999999999999999s", "9999999999d",
                              "101000d", "ms", "5m5"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(units, sizes_have_powers_of_1024_and_do_not_overflow) {
    EXPECT_EQ(parse_size("512"), 512U);
    EXPECT_EQ(parse_size("16k"), 16384U);
    EXPECT_EQ(parse_size("10M"), 10U * 1024 * 1024);
    EXPECT_EQ(parse_size("1g"), 1U << 30);
    for (const char* wrong : {"", "k", "16kb", "-1", "1.5m", "1kk", "1 k", "99999999999999999999", "99999999999999g"})
        EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(units, what_is_printed_is_read_back) {
    for (const milliseconds d : {0ms, 1ms, 250ms, 5000ms, 60'000ms, 90'000ms, 86'400'000ms, milliseconds(7 * 24h),
                                 milliseconds(30 * 24h), milliseconds(365 * 24h), milliseconds(366 * 24h)})
        EXPECT_EQ(parse_duration(to_string(d)), d);
    for (const std::size_t s : {1UL, 1000UL, 1024UL, 10UL << 20, 3UL << 30}) EXPECT_EQ(parse_size(size_text(s)), s);
    for (const char* text : {"127.0.0.1:80", "[::1]:443", "localhost:8080", "unix:/run/app.sock"})
        EXPECT_EQ(to_string(*parse_endpoint(text)), text);
    for (const char* text : {"tcp://127.0.0.1:80", "http://web/app/", "tcp://unix:/run/a.sock", "http://[::1]:80"})
        EXPECT_EQ(to_string(*parse_destination(text)), text);
    for (const char* text : {"off", "none", "builtin", "builtin:100", "shared:10m", "shared:SSL:10m"})
        EXPECT_EQ(to_string(*parse_session_cache(text)), text);
    for (const char* text : {"4 8k", "1 65000", "0 0"}) EXPECT_EQ(to_string(*parse_header_buffers(text)), text);
}

TEST(units, header_buffers_are_a_number_and_a_size) {
    EXPECT_EQ(parse_header_buffers("4 8k"), (header_buffers{4, 8192}));
    EXPECT_EQ(parse_header_buffers("2   1m"), (header_buffers{2, 1U << 20}));
    for (const char* wrong :
         {"", "4", "8k", "4 ", " 4 8k", "48k", "4k 8k", "4 8x", "4 8k ", "4 8k 1", "-4 8k", "4,8k", "4294967296 8k"})
        EXPECT_FALSE(parse_header_buffers(wrong)) << wrong;
}

TEST(units, a_bare_port_and_a_star_mean_any_ipv4_address) {
    EXPECT_EQ(parse_endpoint("443"), (endpoint{endpoint::kind::tcp, "", 443, ""}));
    EXPECT_EQ(parse_endpoint("*:443"), (endpoint{endpoint::kind::tcp, "", 443, ""}));
    EXPECT_EQ(parse_endpoint("0.0.0.0:443"), (endpoint{endpoint::kind::tcp, "", 443, ""}));
}

TEST(units, an_ipv6_address_comes_out_in_its_one_spelling) {
    EXPECT_EQ(to_string(*parse_endpoint("[2001:DB8:0:0::1]:443")), "[2001:db8::1]:443");
    EXPECT_EQ(parse_endpoint("[0::0]:443"), parse_endpoint("[::]:443"));
    EXPECT_NE(parse_endpoint("[::]:443"), parse_endpoint("443"));
}

TEST(units, an_http_destination_on_a_unix_socket_has_its_path_after_a_colon) {
    const auto to = parse_destination("http://unix:/run/a.sock:/app/");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->address.path, "/run/a.sock");
    EXPECT_EQ(to->uri, "/app/");
    EXPECT_EQ(to_string(*to), "http://unix:/run/a.sock:/app/");
}

TEST(units, what_is_no_address_is_refused) {
    for (const char* wrong : {"",
                              "0",
                              "65536",
                              "localhost",
                              "localhost:",
                              ":80",
                              "::1:80",
                              "[::1]",
                              "[::1]80",
                              "[x]:80",
                              "a b:80",
                              "unix:",
                              "1.2.3.4:http",
                              "999.1.1.1:80",
                              "1.2.3:80",
                              "[1.2.3.4]:80",
                              "[:::::]:80",
                              "[::1%eth0]:80",
                              "443 ssl",
                              "+1",
                              "-1",
                              "[]:80"})
        EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
}

TEST(units, a_destination_without_a_port_is_the_name_of_a_group) {
    const auto to = parse_destination("http://web/app/");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->type, destination::kind::http);
    EXPECT_EQ(to->upstream, "web");
    EXPECT_EQ(to->uri, "/app/");
    EXPECT_EQ(parse_destination("unix:/run/a.sock")->type, destination::kind::tcp);
}

TEST(units, what_is_no_destination_is_refused) {
    for (const char* wrong :
         {"", "127.0.0.1:80", "https://a:1", "tcp://", "tcp://*:443", "tcp://443x:", "http://", "tcp://a b", "tcp://:1",
          "tcp://a:1/x", "http://a:1/x y", "http://a:1/?x", "http://a:1/#x", "http:///x", "unix:", "tcp://a:70000"})
        EXPECT_FALSE(parse_destination(wrong)) << wrong;
}

TEST(units, session_caches_are_nginxs_words) {
    EXPECT_EQ(parse_session_cache("shared:SSL:1m"), (session_cache{session_cache::kind::shared, "SSL", 1U << 20}));
    for (const char* wrong : {"", "on", "shared", "shared:", "shared::1m", "shared:SSL", "builtin:0", "builtin:x"})
        EXPECT_FALSE(parse_session_cache(wrong)) << wrong;
}
