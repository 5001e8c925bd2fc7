#include "proxy/ops/http_date.hpp"

#include <gtest/gtest.h>

using namespace std::chrono;
using postern::ops::http_clock;

namespace {

std::string said(system_clock::time_point when) {
    http_clock clock;
    return std::string(clock.http_date(when));
}

}  // namespace

TEST(http_date, is_the_example_of_rfc_9110) {
    EXPECT_EQ(said(sys_days{1994y / November / 6} + 8h + 49min + 37s), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(http_date, begins_with_the_epoch_and_can_say_what_was_before) {
    EXPECT_EQ(said({}), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(said(sys_days{1970y / January / 1} - 1ms), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(http_date, knows_leap_days) {
    EXPECT_EQ(said(sys_days{2028y / February / 29} + 23h + 59min + 59s), "Tue, 29 Feb 2028 23:59:59 GMT");
    EXPECT_EQ(said(sys_days{2028y / February / 28} + 24h), "Tue, 29 Feb 2028 00:00:00 GMT");
    EXPECT_EQ(said(sys_days{2100y / February / 28} + 24h), "Mon, 01 Mar 2100 00:00:00 GMT");
}

TEST(http_date, names_every_day_of_a_week) {
    constexpr const char* names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    for (int d = 0; d < 7; ++d)
        EXPECT_EQ(said(sys_days{2026y / November / 22} + days(d)).substr(0, 7),
                  std::string(names[d]) + ", " + std::to_string(22 + d));
}

TEST(http_date, one_clock_says_every_second_it_is_asked_for) {
    http_clock clock;
    const auto noon = sys_days{2026y / November / 24} + 12h;
    EXPECT_EQ(clock.http_date(noon), "Tue, 24 Nov 2026 12:00:00 GMT");
    EXPECT_EQ(clock.http_date(noon + 999ms), "Tue, 24 Nov 2026 12:00:00 GMT");
    EXPECT_EQ(clock.http_date(noon + 1s), "Tue, 24 Nov 2026 12:00:01 GMT");
    EXPECT_EQ(clock.http_date(noon - 1ms), "Tue, 24 Nov 2026 11:59:59 GMT");  // the system's clock was set back
}
