// Limits of so many a second, with the time given.
#include "proxy/tls/network_rates.hpp"

#include <gtest/gtest.h>

using namespace postern::tls;

namespace {

constexpr rate_time second = 1'000'000'000;
constexpr rate_time now = 1000 * second;

unsigned taken(shared_rate& from, rate_time at, unsigned rate, unsigned tries) {
    unsigned count = 0;
    for (unsigned i = 0; i < tries; ++i) count += from.take(at, rate) ? 1 : 0;
    return count;
}

std::uint64_t v4(std::uint8_t last) {
    const std::uint8_t bytes[] = {192, 0, 2, last};
    return network_of(bytes);
}

}  // namespace

TEST(rate, a_second_s_worth_may_come_at_once_and_then_one_as_each_is_due) {
    shared_rate limit;
    EXPECT_EQ(taken(limit, now, 10, 20), 10U);
    EXPECT_EQ(taken(limit, now + second / 10 - 1, 10, 5), 0U);
    EXPECT_EQ(taken(limit, now + second / 10, 10, 5), 1U);
    EXPECT_EQ(taken(limit, now + second / 2, 10, 20), 4U);
    EXPECT_EQ(taken(limit, now + 100 * second, 10, 20), 10U);  // and never more
}

TEST(rate, the_least_rate_and_rates_that_do_not_divide_a_second_are_kept) {
    shared_rate one, three;
    EXPECT_EQ(taken(one, now, 1, 5), 1U);
    EXPECT_EQ(taken(one, now + second, 1, 5), 1U);
    EXPECT_EQ(taken(three, now, 3, 5), 3U);
}

TEST(rate, another_rate_holds_at_once) {
    shared_rate limit;
    EXPECT_EQ(taken(limit, now, 1, 5), 1U);
    EXPECT_EQ(taken(limit, now + second / 2, 100, 200), 50U);
    EXPECT_EQ(taken(limit, now + second, 1, 5), 0U);
}

TEST(network_rates, each_network_has_its_own) {
    network_rates limits(7);
    EXPECT_TRUE(limits.take(v4(1), now, 1));
    EXPECT_FALSE(limits.take(v4(1), now, 1));
    EXPECT_TRUE(limits.take(v4(2), now, 1));
    EXPECT_TRUE(limits.take(v4(1), now + second, 1));
}

TEST(network_rates, ipv6_counts_by_its_64_and_a_mapped_address_as_ipv4) {
    std::uint8_t a[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 1};
    std::uint8_t same_64[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 9, 9};
    std::uint8_t other_64[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 2, 1};
    std::uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    EXPECT_EQ(network_of(a), network_of(same_64));
    EXPECT_NE(network_of(a), network_of(other_64));
    EXPECT_EQ(network_of(mapped), v4(1));
    EXPECT_EQ(network_of({}), 0U);
}

TEST(network_rates, a_flood_of_networks_pushes_out_who_is_nearly_done_and_not_who_is_far_over) {
    network_rates limits(7);
    for (int i = 0; i < 50; ++i) static_cast<void>(limits.take(v4(1), now, 50));
    EXPECT_FALSE(limits.take(v4(1), now, 50));
    // Four times as many as there are places, each once.
    for (std::uint64_t n = 1; n <= 4 * network_rates::most; ++n) EXPECT_TRUE(limits.take(n << 16, now, 50));
    EXPECT_FALSE(limits.take(v4(1), now, 50));
}
