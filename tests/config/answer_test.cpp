#include "config/answer.hpp"

#include <gtest/gtest.h>

using namespace postern::config;

namespace {

std::string read(std::string_view text) {
    misread why;
    const auto a = parse_answer(text, &why);
    return a ? to_string(*a) : why.what;
}

}  // namespace

TEST(answer, a_code_stands_alone_or_before_a_text) {
    EXPECT_EQ(parse_answer("404"), (answer{404, {}}));
    EXPECT_EQ(parse_answer("200 hello, $host"), (answer{200, {{"hello, ", std::nullopt}, {"", variable::host}}}));
    EXPECT_EQ(parse_answer("200   hello"), (answer{200, {{"hello", std::nullopt}}}));
    EXPECT_EQ(parse_answer("404 "), (answer{404, {}}));
}

TEST(answer, a_redirect_has_a_url) {
    for (const unsigned code : {301U, 302U, 303U, 307U, 308U}) {
        EXPECT_TRUE(is_redirect(code)) << code;
        const auto with = [&](const std::string& url) { return read(std::to_string(code) + " " + url); };
        for (const char* url : {"https://$host$request_uri", "http://a", "/path", "$scheme://a", "${scheme}://a"})
            EXPECT_NE(with(url), "not a URL to redirect to") << url;
        for (const char* wrong : {"a.example.org", "ftp://a", "https:/a", "https://a b", "/a b", "/\u00fc", "?a"})
            EXPECT_EQ(with(wrong), "not a URL to redirect to") << wrong;
        EXPECT_EQ(with(""), "a redirect without a URL");
        EXPECT_EQ(with("https://a\n"), "not a URL to redirect to");
    }
    for (const unsigned code : {200U, 300U, 304U, 305U, 306U, 309U, 404U, 444U})
        EXPECT_FALSE(is_redirect(code)) << code;
}

TEST(answer, a_url_alone_is_a_302) {
    EXPECT_EQ(read("https://$host$request_uri"), "302 https://$host$request_uri");
    EXPECT_EQ(read("http://a"), "302 http://a");
    EXPECT_EQ(read("$scheme://a"), "302 $scheme://a");
    EXPECT_EQ(read("/path"), "neither a code nor a URL") << "as in nginx";
    EXPECT_EQ(read("https://a b"), "not a URL to redirect to");
}

TEST(answer, codes_are_those_of_final_answers) {
    for (const char* right : {"200", "299", "300", "404", "444", "599"}) EXPECT_EQ(read(right), right);
    for (const char* wrong :
         {"0", "99", "100", "101", "199", "600", "999", "0404", "1000", "99999999999999999999", "20"})
        EXPECT_EQ(read(wrong), "not a code of an answer") << wrong;
    for (const char* wrong : {"", " 404", "ok", "-404", "+404", "404\ttext", "404a", "4O4"})
        EXPECT_EQ(read(wrong), "neither a code nor a URL") << wrong;
}

TEST(answer, an_answer_without_content_has_no_text) {
    for (const char* code : {"204", "205", "304", "444"}) {
        EXPECT_EQ(read(code), code);
        EXPECT_EQ(read(std::string(code) + " text"), "an answer with this code has no text");
    }
}

TEST(answer, what_is_wrong_with_its_variables_is_told) {
    EXPECT_EQ(read("200 $hots"), "an unknown variable, $hots");
    EXPECT_EQ(read("301 https://$"), "a `$` that begins no variable");
    EXPECT_EQ(read("200 a\nb"), "a line break or a control character");
}
