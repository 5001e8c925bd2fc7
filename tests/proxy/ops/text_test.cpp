#include "proxy/ops/text.hpp"
#include "tests/proxy/ops/json.hpp"

#include <gtest/gtest.h>

using namespace postern::ops;
using postern::test::json_at;

namespace {

std::string json(std::string_view text) {
    std::string to = "[\"";
    append_json_text(to, text);
    return to + "\"]";
}

std::string plain(std::string_view text) {
    std::string to;
    append_plain_text(to, text);
    return to;
}

std::string readable(std::string_view text) {
    std::string to;
    append_readable_text(to, text);
    return to;
}

}  // namespace

TEST(text, every_byte_alone_makes_valid_json_on_one_line) {
    for (int c = 0; c < 256; ++c) {
        const std::string one(1, static_cast<char>(c));
        const auto line = json(one);
        EXPECT_EQ(json_at(line, "/0"), c < 0x80 ? one : "\xef\xbf\xbd") << c;
        EXPECT_EQ(line.find_first_of(std::string_view("\n\r\0", 3)), std::string::npos) << c;
    }
}

TEST(text, utf8_goes_into_json_as_it_is) {
    const std::string_view words = "b\xc3\xbc"
                                   "cher \xe2\x82\xac \xf0\x9f\x94\x92";
    EXPECT_EQ(json_at(json(words), "/0"), words);
}

TEST(text, what_only_looks_like_utf8_is_replaced) {
    const std::string mark = "\xef\xbf\xbd";
    EXPECT_EQ(json_at(json("\xc0\xaf"), "/0"), mark + mark);                        // overlong
    EXPECT_EQ(json_at(json("\xe0\x80\xaf"), "/0"), mark + mark + mark);             // overlong
    EXPECT_EQ(json_at(json("\xed\xa0\x80"), "/0"), mark + mark + mark);             // a surrogate
    EXPECT_EQ(json_at(json("\xf4\x90\x80\x80"), "/0"), mark + mark + mark + mark);  // beyond U+10FFFF
    EXPECT_EQ(json_at(json("\xe2\x82"), "/0"), mark + mark);                        // cut short
    EXPECT_EQ(json_at(json("\xc3(x"), "/0"), mark + "(x");
}

TEST(text, plain_text_has_no_quote_and_no_control_character_left) {
    EXPECT_EQ(plain("a.example"), "a.example");
    EXPECT_EQ(plain("a\"\\\n\x7f\xc3"), "a\\x22\\x5C\\x0A\\x7F\\xC3");
}

TEST(text, an_escape_is_made_wherever_its_byte_stands) {
    for (std::size_t i = 0; i <= 4; ++i) {
        std::string words = "word";
        words.insert(i, "\n");
        EXPECT_EQ(json_at(json(words), "/0"), words);
        std::string escaped = "word";
        EXPECT_EQ(plain(words), escaped.insert(i, "\\x0A"));
    }
}

TEST(text, readable_text_keeps_words_and_quotes_but_nothing_that_steers_a_terminal) {
    EXPECT_EQ(readable("no \"caf\xc3\xa9\" here"), "no \"caf\xc3\xa9\" here");
    EXPECT_EQ(readable("a\nb\x1b[2J"), "a\\x0ab\\x1b[2J");
    EXPECT_EQ(readable("\xc2\x9b"
                       "2J"),
              "\\xc2\\x9b2J");  // CSI of C1
    EXPECT_EQ(readable("\xff"), "\\xff");
}

TEST(text, a_timestamp_has_milliseconds_and_is_in_utc) {
    using namespace std::chrono;
    const auto when = sys_days{2026y / November / 24} + 9h + 30min + 123ms;
    EXPECT_EQ(timestamp(when), "2026-11-24T09:30:00.123Z");
    EXPECT_EQ(timestamp(sys_days{1970y / January / 1} - 1ms), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(timestamp(sys_days{2028y / February / 29} - 1ns), "2028-02-28T23:59:59.999Z");
    EXPECT_EQ(timestamp(sys_days{2028y / February / 29}), "2028-02-29T00:00:00.000Z");
    EXPECT_EQ(timestamp(system_clock::time_point::max()), "2262-04-11T23:47:16.854Z");
}
