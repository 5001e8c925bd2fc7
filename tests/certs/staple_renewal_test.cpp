#include "certs/staple_renewal.hpp"

#include <gtest/gtest.h>

namespace postern::certs {
namespace {

using namespace std::chrono_literals;

const time_point now = std::chrono::system_clock::from_time_t(1'800'000'000);

std::chrono::milliseconds renewed_in(std::chrono::seconds left, double luck = 0) {
    staple held;
    held.this_update = now - 1h;
    held.next_update = now + left;
    return std::chrono::duration_cast<std::chrono::milliseconds>(renew_at(held, now, luck) - now);
}

TEST(renewal, comes_when_half_of_what_is_left_is_over) {
    EXPECT_EQ(renewed_in(60s), 30s);
    EXPECT_EQ(renewed_in(30min), 15min);
}

TEST(renewal, comes_in_an_hour_at_the_latest) {
    EXPECT_EQ(renewed_in(2h), 1h);
    EXPECT_EQ(renewed_in(24h * 7), 1h);
}

TEST(renewal, does_not_come_again_and_again_where_little_or_nothing_is_left) {
    EXPECT_EQ(renewed_in(20s), 15s);
    EXPECT_EQ(renewed_in(0s), 15s);
    EXPECT_EQ(renewed_in(-100s), 15s);
}

TEST(renewal, of_those_who_began_together_is_spread_over_a_tenth) {
    EXPECT_EQ(renewed_in(200min, 0.5), 57min);
    EXPECT_GT(renewed_in(200min, 0.999), 54min);
    EXPECT_EQ(renewed_in(20s, 0.9), 15s);
}

TEST(renewal, after_failures_waits_twice_as_long_each_time_up_to_five_minutes) {
    EXPECT_EQ(retry_after(1, 0), 5s);
    EXPECT_EQ(retry_after(2, 0), 10s);
    EXPECT_EQ(retry_after(6, 0), 160s);
    EXPECT_EQ(retry_after(7, 0), 300s);
    EXPECT_EQ(retry_after(4'000'000'000, 0), 300s);
    EXPECT_EQ(retry_after(1, 0.5), 4500ms);
    EXPECT_EQ(retry_after(7, 1), 240s);
}

}  // namespace
}  // namespace postern::certs
