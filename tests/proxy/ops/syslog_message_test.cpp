#include "proxy/ops/syslog_message.hpp"

#include <gtest/gtest.h>

using namespace postern::ops;
using namespace std::chrono;

namespace {

constexpr auto when = sys_days{2026y / November / 24} + 9h + 30min + 123ms;

std::string message(const syslog_origin& from, unsigned severity, std::string_view text) {
    std::string to;
    append_syslog_message(to, from, severity, when, "access", text);
    return to;
}

}  // namespace

TEST(syslog_message, is_rfc_5424_byte_for_byte) {
    EXPECT_EQ(message({23, "front.example.org", "postern", "4711"}, 6, "{\"a\":1}"),
              "<190>1 2026-11-24T09:30:00.123Z front.example.org postern 4711 access - {\"a\":1}");
    EXPECT_EQ(message({0, "h", "p", "1"}, 0, ""), "<0>1 2026-11-24T09:30:00.123Z h p 1 access - ");
}

TEST(syslog_message, what_is_not_said_is_a_dash) {
    EXPECT_EQ(message({16, "", "", ""}, 3, "x"), "<131>1 2026-11-24T09:30:00.123Z - - - access - x");
}

TEST(syslog_message, the_header_has_printable_ascii_of_the_lengths_that_are_allowed) {
    EXPECT_EQ(message({1, "a host\n", "p\xc3\xa9", std::string(200, '1')}, 7, "x"),
              "<15>1 2026-11-24T09:30:00.123Z ahost p " + std::string(128, '1') + " access - x");
    EXPECT_EQ(message({1, std::string(300, 'h'), std::string(50, 'a'), "1"}, 7, "x"),
              "<15>1 2026-11-24T09:30:00.123Z " + std::string(255, 'h') + " " + std::string(48, 'a') + " 1 access - x");
}
