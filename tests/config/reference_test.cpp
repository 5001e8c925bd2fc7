// The manual, the default file and the schema say what the parser does.
#include "config/change.hpp"
#include "config/document.hpp"
#include "config/fields.hpp"
#include "config/reference.hpp"
#include "config/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

using namespace postern::config;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

template <class Struct>
void expect_rows(const std::string& text) {
    for_each_field<Struct>([&](const auto& f) { EXPECT_THAT(text, HasSubstr(std::string(f.line))) << f.key; });
}

// The default file with the comment marks of its values taken away.
std::string uncommented(const std::string& yaml) {
    std::istringstream lines(yaml);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("# ")) continue;
        const auto rest = line.substr(2);
        if (rest.find_first_not_of(' ') == std::string::npos || rest[rest.find_first_not_of(' ')] == '#') continue;
        out += rest + "\n";
    }
    return out;
}

}  // namespace

TEST(reference, the_manual_has_every_key) {
    const auto text = reference(reference_format::markdown);
    expect_rows<settings>(text);
    expect_rows<server>(text);
    expect_rows<ssl>(text);
    expect_rows<upstream>(text);
    expect_rows<location>(text);
    EXPECT_THAT(text, HasSubstr("| servers[].ssl.session_timeout | a time | `5m` | reload |"));
    EXPECT_THAT(text, HasSubstr("| workers | auto or a number | `auto` | restart |"));
}

TEST(reference, the_default_file_as_it_stands_says_nothing) {
    const auto doc = parse(reference(reference_format::yaml), "default.yaml");
    ASSERT_EQ(doc.problems.size(), 1U);
    EXPECT_EQ(doc.problems[0].what, "nothing is served");
    EXPECT_EQ(doc.settings, settings{});
}

TEST(reference, the_defaults_in_the_file_are_the_defaults_of_the_parser) {
    const auto yaml = uncommented(reference(reference_format::yaml));
    // The parts that stand for themselves: limits and logs.
    const auto begin = yaml.find("limits:");
    const auto doc = parse(yaml.substr(begin, yaml.find("admin:") - begin), "default.yaml");
    for (const auto& p : doc.problems) EXPECT_EQ(p.what, "nothing is served") << to_string(p);
    EXPECT_EQ(doc.settings, settings{});
}

TEST(change, keys_that_need_a_restart_are_found_wherever_they_stand) {
    settings from, to;
    EXPECT_THAT(needs_restart(from, to), ElementsAre());
    to.workers = 3;
    to.admin.listen = endpoint{endpoint::kind::tcp, "127.0.0.1", 1, ""};
    to.limits.connections = 7;  // live
    EXPECT_THAT(needs_restart(from, to), ElementsAre("workers", "admin.listen"));
}

TEST(summary, one_line_a_server_tells_where_it_listens_and_where_it_leads) {
    const auto doc = parse(R"(servers:
  - listen: ["443", "[::]:443"]
    server_name: [a.example.org]
    default_server: on
    ssl: {certificate: a.crt, protocols: TLSv1.3}
    proxy_pass: tcp://127.0.0.1:9001
  - {listen: "80", redirect: https}
)",
                           "p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    const auto text = summary(doc.settings);
    EXPECT_THAT(text, HasSubstr("0.0.0.0:443 [::]:443  a.example.org  default  TLSv1.3  tcp://127.0.0.1:9001\n"));
    EXPECT_THAT(text, HasSubstr("0.0.0.0:80  (any name)  plain  redirect to https\n"));
}
