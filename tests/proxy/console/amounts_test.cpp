#include "proxy/console/amounts.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace postern::console {
namespace {

TEST(amounts, counts_have_commas) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1000), "1,000");
    EXPECT_EQ(count_text(1234567), "1,234,567");
    EXPECT_EQ(count_text(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(amounts, rates_have_a_digit_behind_the_point_while_it_matters) {
    EXPECT_EQ(rate_text(std::nullopt), "-");
    EXPECT_EQ(rate_text(0), "0");
    EXPECT_EQ(rate_text(0.02), "< 0.1");
    EXPECT_EQ(rate_text(3.24), "3.2");
    EXPECT_EQ(rate_text(99.94), "99.9");
    EXPECT_EQ(rate_text(99.96), "100");
    EXPECT_EQ(rate_text(12345.6), "12,346");
    EXPECT_EQ(rate_text(1e300), "1,000,000,000,000,000");
}

TEST(amounts, bytes_have_units_of_a_thousand) {
    EXPECT_EQ(bytes_text(std::nullopt), "-");
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(999), "999 B");
    EXPECT_EQ(bytes_text(999.7), "1.0 kB");
    EXPECT_EQ(bytes_text(1234), "1.2 kB");
    EXPECT_EQ(bytes_text(999960), "1.0 MB");
    EXPECT_EQ(bytes_text(3.4e9), "3.4 GB");
}

TEST(amounts, times_are_of_milliseconds_and_seconds) {
    EXPECT_EQ(time_text(std::nullopt), "-");
    EXPECT_EQ(time_text(duration_estimate{0.00025}), "0.25 ms");
    EXPECT_EQ(time_text(duration_estimate{0.000999}), "1.0 ms");
    EXPECT_EQ(time_text(duration_estimate{0.0055}), "5.5 ms");
    EXPECT_EQ(time_text(duration_estimate{0.25}), "250 ms");
    EXPECT_EQ(time_text(duration_estimate{0.9999}), "1.0 s");
    EXPECT_EQ(time_text(duration_estimate{12.3}), "12 s");
    EXPECT_EQ(time_text(duration_estimate{5, true}), "> 5.0 s");
    EXPECT_EQ(time_text(duration_estimate{1e300}), "99999 s");
}

TEST(amounts, ages_are_in_the_largest_unit) {
    EXPECT_EQ(age_text(0), "0 s");
    EXPECT_EQ(age_text(59), "59 s");
    EXPECT_EQ(age_text(2040), "34 min");
    EXPECT_EQ(age_text(7199), "1 h");
    EXPECT_EQ(age_text(200'000), "2 days");
}

TEST(amounts, an_end_is_in_days_or_in_hours_or_minutes_when_it_is_near) {
    EXPECT_EQ(end_text(59.6), "ends in 59 days");
    EXPECT_EQ(end_text(2), "ends in 2 days");
    EXPECT_EQ(end_text(1.9), "ends in 45 hours");
    EXPECT_EQ(end_text(0.08334), "ends in 2 hours");
    EXPECT_EQ(end_text(0.05), "ends in 72 min");
    EXPECT_EQ(end_text(0), "EXPIRED 0 min ago");
    EXPECT_EQ(end_text(-0.0007), "EXPIRED 1 min ago");
    EXPECT_EQ(end_text(-3.4), "EXPIRED 3 days ago");
    EXPECT_EQ(end_text(1e300), "ends in 99999 days");
}

}  // namespace
}  // namespace postern::console
