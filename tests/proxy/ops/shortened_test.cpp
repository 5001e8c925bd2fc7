#include "proxy/ops/shortened.hpp"
#include "proxy/ops/text.hpp"
#include "tests/proxy/ops/json.hpp"

#include <gtest/gtest.h>

using namespace postern::ops;
using namespace postern::test;

namespace {

const std::string x200(200, 'x');

// Every text of a stranger's in the middle of a line of JSON.
std::string json_of(std::string_view foreign) {
    std::string line = R"({"id":"00000000000004d2","target":")";
    append_json_text(line, foreign);
    return line + R"(","status":200,"reason":"answered"})";
}

}  // namespace

TEST(shortened, a_line_that_fits_stays_as_it_is) {
    const auto line = json_of(x200);
    EXPECT_EQ(shortened(line, line.size()), line);
    EXPECT_EQ(shortened("", 100), "");
}

TEST(shortened, the_longest_text_between_quotes_loses_its_end) {
    EXPECT_EQ(shortened("a \"bc\" \"" + x200 + "\" d=1", 111), "a \"bc\" \"" + x200.substr(0, 95) + "...\" d=1");
    EXPECT_EQ(shortened(json_of(x200), 200).size(), 200U);
}

TEST(shortened, of_several_long_ones_the_longest_are_cut_to_one_size) {
    const std::string y150(150, 'y');
    const auto line = "\"" + x200 + "\" \"" + y150 + "\" \"short\"";
    EXPECT_EQ(shortened(line, 320), "\"" + x200.substr(0, 154) + "...\" \"" + y150 + "\" \"short\"");
    EXPECT_EQ(shortened(line, 193), "\"" + x200.substr(0, 87) + "...\" \"" + y150.substr(0, 87) + "...\" \"short\"");
    // These are short enough to tell nothing more.
    EXPECT_EQ(shortened(line, 100).substr(0, 70), "\"" + x200.substr(0, 61) + "...\" \"yy");
    EXPECT_EQ(shortened(line, 100).size(), 100U);
}

TEST(shortened, json_stays_json_with_every_key_wherever_it_is_cut) {
    std::string foreign;
    while (foreign.size() < 200) foreign += "a\"\\\x01\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff";
    const auto line = json_of(foreign);
    for (std::size_t most = 150; most < line.size(); ++most) {
        const auto made = shortened(line, most);
        EXPECT_LE(made.size(), most);
        EXPECT_GT(made.size() + 6, most);
        EXPECT_EQ(json_at(made, "/reason"), "answered");
        EXPECT_TRUE(made.ends_with(R"(...","status":200,"reason":"answered"})")) << made;
    }
}

TEST(shortened, an_escape_of_text_is_whole_or_gone) {
    std::string line = "\"";
    append_plain_text(line, std::string(100, '"'));
    line += '"';
    for (std::size_t most = 70; most < line.size(); ++most) {
        const auto made = shortened(line, most);
        EXPECT_LE(made.size(), most);
        EXPECT_EQ((made.size() - 5) % 4, 0U) << made;
    }
}

TEST(shortened, a_line_without_quotes_loses_its_own_end) {
    EXPECT_EQ(shortened(x200, 100), x200.substr(0, 97) + "...");
    EXPECT_EQ(shortened("one quote: \"" + x200, 100), "one quote: \"" + x200.substr(0, 85) + "...");
    EXPECT_EQ(shortened(x200.substr(0, 95) + "\xe2\x82\xac\xe2\x82\xac", 100), x200.substr(0, 95) + "...");
}
