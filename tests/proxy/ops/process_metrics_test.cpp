#include "proxy/ops/process_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::ops;

TEST(process_metrics, the_fields_are_counted_from_behind_the_name_whatever_is_in_it) {
    const auto facts = parse_process_stat(
        "77 (a) b (c) S 1 77 77 0 -1 4194560 1 0 2 0 150 50 0 0 20 0 4 0 3000 999999 25 18446744073709551615 1 1 0\n",
        1'000'000, 100, 4096);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->cpu_seconds, 2.0);
    EXPECT_EQ(facts->resident_bytes, 25 * 4096.0);
    EXPECT_EQ(facts->start_time, 1'000'030.0);
}

TEST(process_metrics, another_text_tells_nothing) {
    for (const char* text : {"", "77", "77 (a) S 1 2 3", "77 (a) S a b c d e f g h i j k l m n o p q r s t u v w"})
        EXPECT_FALSE(parse_process_stat(text, 1, 100, 4096)) << text;
}

TEST(process_metrics, this_process_has_memory_and_open_files) {
    metric_sheet sheet;
    add_process(sheet);
    const auto text = sheet.text();
    for (const char* name :
         {"process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds", "process_max_fds"})
        EXPECT_THAT(text, testing::ContainsRegex("\n" + std::string(name) + " [1-9]")) << text;
    // A short process may not have had a tick of the clock.
    EXPECT_THAT(text, testing::ContainsRegex("\nprocess_cpu_seconds_total [0-9]"));
}
