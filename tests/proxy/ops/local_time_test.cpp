#include "proxy/ops/local_time.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

using namespace std::chrono;
using postern::ops::local_clock;
namespace test = postern::test;

namespace {

constexpr auto noon = sys_days{2026y / November / 24} + 12h;

std::string said(const char* zone, system_clock::time_point when) {
    const test::time_zone here(zone);
    local_clock clock;
    return std::string(clock.local_time(when));
}

}  // namespace

TEST(local_time, is_written_as_nginx_does) { EXPECT_EQ(said("UTC0", noon), "24/Nov/2026:12:00:00 +0000"); }

TEST(local_time, has_the_offset_of_the_zone_in_hours_and_minutes) {
    EXPECT_EQ(said("IST-5:30", noon), "24/Nov/2026:17:30:00 +0530");
    EXPECT_EQ(said("NST3:30", noon), "24/Nov/2026:08:30:00 -0330");
    EXPECT_EQ(said("LINT-14", noon), "25/Nov/2026:02:00:00 +1400");
}

TEST(local_time, knows_summer_time) {
    constexpr auto berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
    const auto change = sys_days{2026y / October / 25} + 1h;
    EXPECT_EQ(said(berlin, change - 1s), "25/Oct/2026:02:59:59 +0200");
    EXPECT_EQ(said(berlin, change), "25/Oct/2026:02:00:00 +0100");
}

TEST(local_time, names_every_month_in_english) {
    constexpr const char* names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned m = 0; m < 12; ++m)
        EXPECT_EQ(said("UTC0", sys_days{2026y / month(m + 1) / 1}),
                  std::string("01/") + names[m] + "/2026:00:00:00 +0000");
}

TEST(local_time, a_fraction_belongs_to_the_second_before_it) {
    EXPECT_EQ(said("UTC0", noon + 999ms), "24/Nov/2026:12:00:00 +0000");
    EXPECT_EQ(said("UTC0", sys_days{1970y / January / 1} - 1ms), "31/Dec/1969:23:59:59 +0000");
}

TEST(local_time, is_written_anew_only_in_another_second) {
    local_clock clock;
    const test::time_zone utc("UTC0");
    EXPECT_EQ(clock.local_time(noon), "24/Nov/2026:12:00:00 +0000");
    const test::time_zone other("IST-5:30");  // to be seen only when it is looked at again
    EXPECT_EQ(clock.local_time(noon + 999ms), "24/Nov/2026:12:00:00 +0000");
    EXPECT_EQ(clock.local_time(noon + 1s), "24/Nov/2026:17:30:01 +0530");
    EXPECT_EQ(clock.local_time(noon), "24/Nov/2026:17:30:00 +0530");
}
