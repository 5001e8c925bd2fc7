#include "proxy/ops/line_budget.hpp"

#include <gtest/gtest.h>

using namespace postern::ops;
using namespace std::chrono_literals;

namespace {

const line_budget::time_point start{1h};

int taken(line_budget& from, int lines, line_budget::time_point at, unsigned most) {
    int count = 0;
    for (int i = 0; i < lines; ++i) count += from.take(at, most) ? 1 : 0;
    return count;
}

}  // namespace

TEST(line_budget, a_second_has_so_many_lines_and_the_next_one_as_many) {
    line_budget budget;
    EXPECT_EQ(taken(budget, 10, start, 3), 3);
    EXPECT_EQ(taken(budget, 10, start + 999ms, 3), 0);
    EXPECT_EQ(taken(budget, 10, start + 1s, 3), 3);
}

TEST(line_budget, what_was_left_out_is_told_once_a_second) {
    line_budget budget;
    taken(budget, 10, start, 3);
    EXPECT_TRUE(budget.has_more_to_tell());
    EXPECT_EQ(budget.left_out(start), 7U);
    EXPECT_FALSE(budget.has_more_to_tell());
    taken(budget, 5, start + 1ms, 3);
    EXPECT_EQ(budget.left_out(start + 999ms), 0U);
    EXPECT_EQ(budget.left_out(start + 1s), 5U);
    EXPECT_EQ(budget.left_out(start + 3s), 0U);
}

TEST(line_budget, at_the_end_the_rest_is_told_whatever_the_time) {
    line_budget budget;
    taken(budget, 2, start, 1);
    EXPECT_EQ(budget.left_out(start), 1U);
    taken(budget, 2, start, 1);
    EXPECT_EQ(budget.left_out_at_the_end(), 2U);
    EXPECT_EQ(budget.left_out_at_the_end(), 0U);
}

TEST(line_budget, zero_is_no_limit) {
    line_budget budget;
    EXPECT_EQ(taken(budget, 1000, start, 0), 1000);
    EXPECT_FALSE(budget.has_more_to_tell());
}
