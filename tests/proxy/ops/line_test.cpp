#include "proxy/ops/line.hpp"

#include <gtest/gtest.h>

using namespace postern::ops;
using namespace std::chrono;

namespace {

template <class... Parts>
std::string line(const Parts&... parts) {
    std::string to;
    append(to, parts...);
    return to;
}

}  // namespace

TEST(line, parts_stand_in_their_order_with_nothing_between) {
    const std::string name = "b";
    EXPECT_EQ(
        line("a", name, std::string_view("c"), 0U, true, false, hex_id{0x4d2}, json_string{"\""}, plain_string{""}),
        "abc0truefalse00000000000004d2\"\\\"\"\"\"");
}

TEST(line, times_are_rounded_to_three_places) {
    EXPECT_EQ(line(in_milliseconds{1'234'567ns}), "1.235");
    EXPECT_EQ(line(in_milliseconds{999'999'600ns}), "1000.000");
    EXPECT_EQ(line(in_milliseconds{5us}), "0.005");
    EXPECT_EQ(line(in_seconds{12'345us}), "0.012");
    EXPECT_EQ(line(in_seconds{hours(1)}), "3600.000");
}

TEST(line, a_time_below_zero_is_zero) {
    EXPECT_EQ(line(in_milliseconds{-5ms}), "0.000");
    EXPECT_EQ(line(in_seconds{-1h}), "0.000");
}
