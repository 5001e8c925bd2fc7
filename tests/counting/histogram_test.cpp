#include "counting/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::counting;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

constexpr std::array<nanoseconds, 2> bounds{nanoseconds(1ms), nanoseconds(10ms)};

distribution of(std::initializer_list<nanoseconds> times) {
    histogram<bounds> h;
    for (const auto t : times) h.observe(t);
    distribution all;
    h.add_to(all);
    return all;
}

}  // namespace

TEST(histogram, a_bound_is_part_of_what_is_below_it) {
    EXPECT_THAT(of({1ms}).counts, ElementsAre(1, 0, 0));
    EXPECT_THAT(of({1ms + 1ns}).counts, ElementsAre(0, 1, 0));
    EXPECT_THAT(of({10ms, 10ms + 1ns}).counts, ElementsAre(0, 1, 1));
}

TEST(histogram, what_is_beyond_the_last_bound_is_counted_and_summed) {
    const auto all = of({1h, 2ms});
    EXPECT_EQ(all.count(), 2U);
    EXPECT_EQ(all.sum, 1h + 2ms);
}

TEST(histogram, a_clock_that_was_set_back_is_no_time) {
    const auto all = of({-5ms});
    EXPECT_THAT(all.counts, ElementsAre(1, 0, 0));
    EXPECT_EQ(all.sum, 0ns);
}

TEST(histogram, several_add_up) {
    auto all = of({1us, 5ms});
    histogram<bounds> more;
    more.observe(5ms);
    more.add_to(all);
    EXPECT_THAT(all.counts, ElementsAre(1, 2, 0));
    EXPECT_EQ(all.sum, 10ms + 1us);
}

TEST(histogram, the_bounds_of_handshakes_are_a_quarter_of_a_millisecond_to_five_seconds_and_ascend) {
    EXPECT_EQ(short_waits.front(), 250us);
    EXPECT_EQ(short_waits.back(), 5s);
    for (const auto& all : {short_waits, long_waits})
        EXPECT_EQ(std::adjacent_find(all.begin(), all.end(), std::greater_equal<>()), all.end());
}
