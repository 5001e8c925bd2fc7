#include "proxy/console/sheet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::console {
namespace {

using testing::ElementsAre;

TEST(table, columns_stand_below_each_other) {
    table t{side::left, side::right, side::left};
    t.add({{"a"}, {"100"}, {"x"}});
    t.add({{"longer"}, {"1"}, {"y"}});
    EXPECT_THAT(shaped(t.lines(), {}), ElementsAre("a       100  x", "longer    1  y"));
}

TEST(table, a_row_ends_with_its_last_cell) {
    table t{side::left, side::left, side::right};
    t.add({{"a"}});
    t.add({{"b"}, {"longer"}, {"1"}});
    t.add({{"c"}, {"d"}, {""}});
    EXPECT_THAT(shaped(t.lines(), {}), ElementsAre("a", "b  longer  1", "c  d"));
}

TEST(table, columns_count_characters_and_not_bytes) {
    table t{side::left, side::left};
    t.add({{"\u00fc\u00fc"}, {"x"}});
    t.add({{"abc"}, {"y"}});
    EXPECT_THAT(shaped(t.lines(), {}), ElementsAre("\u00fc\u00fc   x", "abc  y"));
}

TEST(shaped, a_line_that_is_too_long_is_cut_and_says_so) {
    EXPECT_THAT(shaped({{{"0123456789"}}}, {10}), ElementsAre("0123456789"));
    EXPECT_THAT(shaped({{{"0123456789a"}}}, {10}), ElementsAre("012345678>"));
    EXPECT_THAT(shaped({{{"01234"}, {"56789"}, {"abc"}}}, {10}), ElementsAre("012345678>"));
    EXPECT_THAT(shaped({{{"0123456789a"}}}, {1}), ElementsAre(">"));
}

TEST(shaped, a_character_is_never_cut_and_counted_as_wide_when_it_may_be) {
    EXPECT_THAT(shaped({{{"\u00fc\u00fc\u00fc\u00fc"}}}, {3}), ElementsAre("\u00fc\u00fc>"));
    EXPECT_THAT(shaped({{{"\u4e2d\u4e2d\u4e2d"}}}, {5}), ElementsAre("\u4e2d\u4e2d>"));
    EXPECT_THAT(shaped({{{"\u4e2d\u4e2d\u4e2d"}}}, {4}), ElementsAre("\u4e2d>"));
}

TEST(shaped, lines_that_do_not_fit_are_counted) {
    const std::vector<line> four(4, line{{"x"}});
    EXPECT_THAT(shaped(four, {80, 4}), ElementsAre("x", "x", "x", "x"));
    EXPECT_THAT(shaped(four, {80, 3}), ElementsAre("x", "x", "2 lines more do not fit"));
    EXPECT_THAT(shaped(four, {80, 1}), ElementsAre("4 lines more do not fit"));
}

TEST(shaped, colours_are_there_when_they_are_wanted_and_end_where_the_word_does) {
    const std::vector<line> lines{{{"a", tone::bad}, {"b"}, {"", tone::good}, {"c", tone::good}}};
    EXPECT_THAT(shaped(lines, {}), ElementsAre("abc"));
    EXPECT_THAT(shaped(lines, {0, 0, true}), ElementsAre("\x1b[1;31ma\x1b[0mb\x1b[32mc\x1b[0m"));
}

TEST(shaped, a_cut_does_not_take_the_end_of_a_colour) {
    EXPECT_THAT(shaped({{{"abcdef", tone::bad}}}, {4, 0, true}), ElementsAre("\x1b[1;31mabc\x1b[0m>"));
}

}  // namespace
}  // namespace postern::console
