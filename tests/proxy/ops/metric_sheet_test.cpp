#include "proxy/ops/metric_sheet.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::ops;
using namespace std::chrono_literals;

namespace {

constexpr std::array<counting::nanoseconds, 2> bounds{counting::nanoseconds(250us), counting::nanoseconds(1s)};

}  // namespace

TEST(metric_sheet, a_counter_and_a_gauge_are_lines_under_their_help_and_type) {
    metric_sheet sheet;
    auto c = sheet.counter("x_total", "Things.");
    c.add({}, 3);
    c.add({{"of", "a"}, {"by", "b"}}, 12345678901.0);
    sheet.gauge("y", "Height.").add({}, 0.25);
    EXPECT_EQ(sheet.text(), "# HELP x_total Things.\n"
                            "# TYPE x_total counter\n"
                            "x_total 3\n"
                            "x_total{of=\"a\",by=\"b\"} 12345678901\n"
                            "# HELP y Height.\n"
                            "# TYPE y gauge\n"
                            "y 0.25\n");
}

TEST(metric_sheet, a_histogram_is_cumulative_and_in_seconds) {
    counting::histogram<bounds> h;
    for (const auto t : {100us, 200us, 500us}) h.observe(t);
    h.observe(2s);
    counting::distribution d;
    h.add_to(d);
    metric_sheet sheet;
    sheet.histogram("t_seconds", "Time.").add({{"of", "a"}}, d);
    EXPECT_EQ(sheet.text(), "# HELP t_seconds Time.\n"
                            "# TYPE t_seconds histogram\n"
                            "t_seconds_count{of=\"a\"} 4\n"
                            "t_seconds_sum{of=\"a\"} 2.0008\n"
                            "t_seconds_bucket{of=\"a\",le=\"0.00025\"} 2\n"
                            "t_seconds_bucket{of=\"a\",le=\"1\"} 3\n"
                            "t_seconds_bucket{of=\"a\",le=\"+Inf\"} 4\n");
}

TEST(metric_sheet, a_label_without_a_value_is_left_out) {
    metric_sheet sheet;
    sheet.gauge("y", "Height.").add({{"of", ""}, {"by", "b"}}, 1);
    EXPECT_NE(sheet.text().find("\ny{by=\"b\"} 1\n"), std::string::npos) << sheet.text();
}

TEST(metric_sheet, no_value_of_a_label_can_end_its_line) {
    metric_sheet sheet;
    sheet.gauge("y", "Height.").add({{"of", "a\"} 7\nz 1\r\\\xff\x01"}}, 1);
    const auto text = sheet.text();
    EXPECT_NE(text.find("\ny{of=\"a\\\"} 7\\\\x0az 1\\\\x0d\\\\\\\\xff\\\\x01\"} 1\n"), std::string::npos) << text;
}
