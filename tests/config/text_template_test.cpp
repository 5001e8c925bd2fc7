#include "config/text_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>

using namespace postern::config;
using testing::EndsWith;
using testing::StartsWith;

namespace {

piece text(const char* literal) { return {literal, std::nullopt}; }
piece of(variable v) { return {"", v}; }

misread fault(std::string_view wrong) {
    misread why;
    EXPECT_FALSE(parse_text_template(wrong, &why)) << wrong;
    return why;
}

}  // namespace

TEST(text_template, text_and_variables_become_pieces_in_their_order) {
    EXPECT_EQ(parse_text_template("https://$host:8443$request_uri"),
              (text_template{text("https://"), of(variable::host), text(":8443"), of(variable::request_uri)}));
    EXPECT_EQ(parse_text_template("$scheme$host"), (text_template{of(variable::scheme), of(variable::host)}));
    EXPECT_EQ(parse_text_template("plain"), (text_template{text("plain")}));
    EXPECT_EQ(parse_text_template(""), text_template{});
}

TEST(text_template, braces_end_a_name_where_more_letters_follow) {
    EXPECT_EQ(parse_text_template("${host}name"), (text_template{of(variable::host), text("name")}));
    EXPECT_EQ(parse_text_template("${host}"), (text_template{of(variable::host)}));
    EXPECT_EQ(parse_text_template("$host}"), (text_template{of(variable::host), text("}")}));
    EXPECT_EQ(parse_text_template("$host-name.x"), (text_template{of(variable::host), text("-name.x")}));
}

TEST(text_template, the_longest_name_counts) {
    EXPECT_EQ(parse_text_template("$http_host"), (text_template{of(variable::http_host)}));
    EXPECT_EQ(parse_text_template("$uri"), (text_template{of(variable::uri)}));
    EXPECT_EQ(fault("$hostx").what, "an unknown variable, $hostx");
    EXPECT_EQ(fault("$host1").what, "an unknown variable, $host1");
    EXPECT_EQ(fault("$host_").what, "an unknown variable, $host_");
}

TEST(text_template, every_variable_has_one_name_and_one_line) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const auto& row = variables[i];
        EXPECT_EQ(static_cast<std::size_t>(row.value), i) << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.line.empty()) << row.name;
        EXPECT_EQ(name_of(row.value), row.name);
        const std::string name(row.name);
        EXPECT_EQ(parse_text_template("$" + name), (text_template{of(row.value)}));
        EXPECT_EQ(parse_text_template("${" + name + "}"), (text_template{of(row.value)}));
    }
}

TEST(text_template, an_unknown_variable_suggests_the_nearest_and_lists_all) {
    const auto why = fault("a $hots b");
    EXPECT_EQ(why.what, "an unknown variable, $hots");
    EXPECT_EQ(why.suggestion, "$host");
    EXPECT_THAT(why.allowed, StartsWith("host, http_host, hostname, "));
    EXPECT_THAT(why.allowed, EndsWith(", msec, time_iso8601"));
    EXPECT_EQ(fault("${reqest_uri}").suggestion, "$request_uri");
    EXPECT_EQ(fault("$Host").suggestion, "$host") << "names have their case";
    EXPECT_EQ(fault("$cookie_session").suggestion, "");
    EXPECT_EQ(fault("$1").what, "an unknown variable, $1");
}

TEST(text_template, a_dollar_that_begins_no_name_is_an_error_that_says_so) {
    for (const char* wrong : {"$", "a$", "$ host", "$$host", "$-", "${", "${}", "${ host}", "cost: 5$"}) {
        const auto why = fault(wrong);
        EXPECT_EQ(why.what, "a `$` that begins no variable") << wrong;
        EXPECT_THAT(why.allowed, StartsWith("$NAME or ${NAME} of host, http_host")) << wrong;
    }
}

TEST(text_template, braces_must_close) {
    for (const char* wrong : {"${host", "${host x}", "${host-}"}) {
        const auto why = fault(wrong);
        EXPECT_EQ(why.what, "a `${` without its `}`") << wrong;
        EXPECT_EQ(why.allowed, "${host}") << wrong;
    }
}

TEST(text_template, a_control_character_anywhere_is_an_error) {
    for (int c = 0; c < 256; ++c) {
        std::string odd = "a$host";
        odd += static_cast<char>(c);
        const bool control = c < ' ' || c == 127;
        const bool more_name = c == '_' || c == '$' || (c < 128 && std::isalnum(c) != 0);
        EXPECT_EQ(parse_text_template(odd).has_value(), !control && !more_name) << c;
    }
    EXPECT_EQ(fault("a\r\nSet-Cookie: b").what, "a line break or a control character");
    EXPECT_EQ(fault("\n$nothing").what, "a line break or a control character");
}

TEST(text_template, what_is_printed_is_read_back_as_the_same) {
    for (const char* same : {"", "a", "$host", "$host$uri", "${host}a", "${host}_", "$host-a", "a $msec b", "{}", "}{"})
        EXPECT_EQ(to_string(*parse_text_template(same)), same);
    EXPECT_EQ(to_string(*parse_text_template("${host}-${uri}")), "$host-$uri");
}

TEST(text_template, no_reason_needs_to_be_asked_for) { EXPECT_FALSE(parse_text_template("$nothing")); }
