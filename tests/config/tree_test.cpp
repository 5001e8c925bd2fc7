// The traps of YAML, each with the exact line that an operator reads.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

namespace {

const std::string minimal = R"(servers:
  - listen: 127.0.0.1:8443
    ssl: {certificate: a.crt}
    proxy_pass: tcp://127.0.0.1:9001
)";

std::vector<std::string> told(const std::string& text) {
    std::vector<std::string> lines;
    for (const auto& p : parse(text, "p.yaml").problems) lines.push_back(to_string(p));
    return lines;
}

struct row {
    std::string text;  // above the minimal configuration
    std::vector<std::string> said;
};

void expect(const std::vector<row>& rows) {
    for (const auto& [text, said] : rows) EXPECT_EQ(told(text + "\n" + minimal), said) << text;
}

const std::string leave_out = "; allowed: leave the key out, or give it a value";
const std::string no_anchor = "anchors are not supported; allowed: write the value out where it is needed";
const std::string no_alias = "aliases are not supported; allowed: write the value out";
const std::string no_tag = "tags are not supported; allowed: the value without ";
const std::string one_document = "a second document (`---`) in one file; allowed: one document";

}  // namespace

TEST(tree, a_key_that_stands_twice_is_an_error_at_each_further_one) {
    expect({{"workers: 1\nworkers: 2", {"p.yaml:2:1: workers: the key stands here twice; the first is in line 1"}},
            {"workers: 1\nuser: a\nworkers: 2\nworkers: 3",
             {"p.yaml:3:1: workers: the key stands here twice; the first is in line 1",
              "p.yaml:4:1: workers: the key stands here twice; the first is in line 1"}},
            {"workers: 1\nworkers:", {"p.yaml:2:1: workers: the key stands here twice; the first is in line 1"}},
            {"workers: 1\n\"workers\": 2", {"p.yaml:2:1: workers: the key stands here twice; the first is in line 1"}},
            {"log: {level: info, level: info}",
             {"p.yaml:1:20: log.level: the key stands here twice; the first is in line 1"}}});
}

TEST(tree, the_first_of_two_equal_keys_is_the_one_that_counts) {
    EXPECT_EQ(parse("workers: 1\nworkers: 2\n" + minimal, "p.yaml").settings.workers, 1U);
}

TEST(tree, a_null_is_an_error_at_its_key_and_hides_nothing_else) {
    expect({{"user:", {"p.yaml:1:1: user: no value" + leave_out}},
            {"\n\nuser:\n\n\n", {"p.yaml:3:1: user: no value" + leave_out}},
            {"user: ~", {"p.yaml:1:1: user: no value" + leave_out}},
            {"user: null", {"p.yaml:1:1: user: no value" + leave_out}},
            {"log:\n  level:\n  format: xml",
             {"p.yaml:2:3: log.level: no value" + leave_out,
              "p.yaml:3:11: log.format: not one of the words (found: xml); allowed: text, json"}}});
}

TEST(tree, what_a_null_leaves_empty_is_not_told_twice) {
    EXPECT_THAT(told("servers:\n"), ElementsAre("p.yaml:1:1: servers: no value" + leave_out));
    EXPECT_THAT(told("servers:\n  - listen:\n    ssl:\n      certificate:\n    proxy_pass: tcp://a:1\n"),
                ElementsAre("p.yaml:2:5: servers[0].listen: no value" + leave_out,
                            "p.yaml:4:7: servers[0].ssl.certificate: no value" + leave_out));
}

TEST(tree, anchors_aliases_and_tags_are_errors_at_their_key) {
    expect({{"user: &a nobody", {"p.yaml:1:1: user: " + no_anchor}},
            {"&a user: nobody", {"p.yaml:1:1: user: " + no_anchor}},
            {"limits: &a {connections: 1}", {"p.yaml:1:1: limits: " + no_anchor}},
            {"user: &a nobody\nworkers: *a", {"p.yaml:1:1: user: " + no_anchor, "p.yaml:2:1: workers: " + no_alias}},
            {"limits: &a {connections: 1}\nlog: {<<: *a}",
             {"p.yaml:1:1: limits: " + no_anchor, "p.yaml:2:7: log.<<: " + no_alias}},
            {"user: !!str nobody", {"p.yaml:1:1: user: " + no_tag + "tag:yaml.org,2002:str"}},
            {"!!str user: nobody", {"p.yaml:1:1: user: " + no_tag + "tag:yaml.org,2002:str"}},
            {"user: !secret nobody", {"p.yaml:1:1: user: " + no_tag + "!secret"}},
            {"user: ! nobody", {"p.yaml:1:1: user: " + no_tag + "!"}},
            {"limits: !map {connections: 1}", {"p.yaml:1:1: limits: " + no_tag + "!map"}}});
}

TEST(tree, an_item_without_a_key_is_told_where_it_stands) {
    EXPECT_THAT(told("servers: [~]\n"), ElementsAre("p.yaml:1:11: servers[0]: no value" + leave_out));
}

TEST(tree, quotes_are_no_tag) { expect({{"\"user\": \"nobody\"", {}}, {"user: 'nobody'", {}}}); }

TEST(tree, a_key_must_be_a_word) {
    expect({{"? [a]: b", {"p.yaml:1:3: a key must be a word"}},
            {"{a: 1}: b", {"p.yaml:1:1: a key must be a word"}},
            {"'': 1", {"p.yaml:1:1: an empty key; allowed: a word as the key"}},
            {": 1", {"p.yaml:1:1: a value without a key; allowed: a word as the key"}},
            {"user: &a x\n*a : 1",
             {"p.yaml:1:1: user: " + no_anchor, "p.yaml:2:1: aliases are not supported; allowed: a word as the key"}}});
}

TEST(tree, a_second_document_is_an_error_at_its_place_even_when_it_is_empty) {
    EXPECT_THAT(told(minimal + "---\nworkers: 1\n"), ElementsAre("p.yaml:5:1: " + one_document));
    EXPECT_THAT(told(minimal + "---\n"), ElementsAre("p.yaml:5:1: " + one_document));
    EXPECT_THAT(told("---\n" + minimal + "...\n"), ElementsAre()) << "the marks of the first one are allowed";
}

TEST(tree, what_is_not_yaml_is_one_error_with_its_place) {
    EXPECT_THAT(told("servers: [\n"), ElementsAre("p.yaml:2:1: not YAML: end of sequence flow not found"));
    EXPECT_THAT(told("servers:\n\t- listen: 1\n"), ElementsAre("p.yaml:2:2: not YAML: illegal block entry"));
    EXPECT_THAT(told("- a\n"), ElementsAre("p.yaml:1:1: the file must hold keys and values"));
    EXPECT_THAT(told("hello\n"), ElementsAre("p.yaml:1:1: the file must hold keys and values (found: hello)"));
}

TEST(tree, an_ipv6_address_without_quotes_suggests_them) {
    const auto syntax = [](const std::string& place, const std::string& what, const std::string& word) {
        return "p.yaml:" + place + ": not YAML: " + what + " (found: " + word +
               "); allowed: an IPv6 address in quotes: \"" + word + "\"";
    };
    EXPECT_THAT(told("servers:\n  - listen: [::]:443\n"),
                ElementsAre(syntax("2:17", "end of map not found", "[::]:443")));
    EXPECT_THAT(told("servers:\n  - listen: [2001:db8::1]:443\n"),
                ElementsAre(syntax("2:26", "end of map not found", "[2001:db8::1]:443")));
    EXPECT_THAT(told("servers:\n  - {listen: [::]:443}\n"),
                ElementsAre(syntax("2:18", "end of map flow not found", "[::]:443")));
    // Where it is YAML all the same, and means something else.
    EXPECT_THAT(told("servers:\n  - listen: [443, [::]:443]\n    redirect: https\n"),
                ElementsAre("p.yaml:2:19: servers[0].listen[1]: an IPv6 address without quotes (found: [::]:443); "
                            "allowed: \"[::]:443\""));
    EXPECT_THAT(told("servers:\n  - listen: [::]\n    redirect: https\n"),
                ElementsAre("p.yaml:2:13: servers[0].listen: an IPv6 address without quotes (found: [::]); "
                            "allowed: \"[::]\""));
    EXPECT_THAT(told("servers:\n  - listen: [\"443\", \"[::]:443\"]\n    redirect: https\n"), ElementsAre());
}

TEST(tree, a_star_without_quotes_suggests_them) {
    const auto syntax = [](const std::string& place, const std::string& word) {
        // Between these yaml-cpp 0.8 names the anchor.
        return AllOf(
            StartsWith("p.yaml:" + place + ": not YAML: the referenced anchor is not defined"),
            EndsWith(" (found: " + word + "); allowed: a value that begins with `*` in quotes: \"" + word + "\""));
    };
    EXPECT_THAT(told("servers:\n  - server_name: *.example.org\n"), ElementsAre(syntax("2:18", "*.example.org")));
    EXPECT_THAT(told("servers:\n  - server_name: [a, *.example.org]\n"), ElementsAre(syntax("2:22", "*.example.org")));
    EXPECT_THAT(told("servers:\n  - listen: *:443\n"), ElementsAre(syntax("2:13", "*:443")));
    EXPECT_THAT(told("include: [conf.d/*.yaml\n"), ElementsAre("p.yaml:2:1: not YAML: end of sequence flow not found"));
}

TEST(tree, nesting_and_size_are_bounded) {
    const auto nested = [](std::size_t levels) {
        return "a: " + std::string(levels, '[') + "1" + std::string(levels, ']') + "\n" + minimal;
    };
    EXPECT_THAT(told(nested(31)), ElementsAre("p.yaml:1:1: a: unknown key"));
    for (const std::size_t levels : {32U, 100U, 100'000U})
        EXPECT_THAT(told(nested(levels)), ElementsAre("p.yaml:1:35: nested too deeply; allowed: at most 32 levels"))
            << levels;
    EXPECT_THAT(told(std::string(8 * 1024 * 1024 + 1, ' ')), ElementsAre("p.yaml: the text is larger than 8 MiB"));
}

TEST(tree, bytes_that_yaml_would_swallow_are_told_at_their_place) {
    const auto all = [](const std::string& text) { return told(text + minimal); };
    EXPECT_THAT(all("user: a\n\x04\n"),
                ElementsAre("p.yaml:2:1: a control character (found: 0x04); allowed: text in UTF-8"));
    EXPECT_THAT(all(std::string("user: a\0b\n", 10)),
                ElementsAre("p.yaml:1:8: a control character (found: 0x00); allowed: text in UTF-8"));
    EXPECT_THAT(all("user: \xC3\xA4\xFF\n"),
                ElementsAre("p.yaml:1:9: not UTF-8 (found: 0xff); allowed: text in UTF-8"));
    EXPECT_THAT(all("user: \xC0\xAF\n"), ElementsAre("p.yaml:1:7: not UTF-8 (found: 0xc0); allowed: text in UTF-8"));
    EXPECT_THAT(all("user: \xED\xA0\x80\n"),
                ElementsAre("p.yaml:1:7: not UTF-8 (found: 0xed); allowed: text in UTF-8"));
    EXPECT_THAT(all("user: \xF4\x90\x80\x80\n"),
                ElementsAre("p.yaml:1:7: not UTF-8 (found: 0xf4); allowed: text in UTF-8"));
    EXPECT_THAT(all("user: \xE2\x82"), ElementsAre("p.yaml:1:7: not UTF-8 (found: 0xe2); allowed: text in UTF-8"));
    EXPECT_THAT(all("\xEF\xBB\xBFuser: \xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x91 # \t\r\n"), ElementsAre());
}

TEST(tree, time_is_linear_in_the_number_of_keys) {
    std::string text = "upstreams:\n";
    for (int i = 0; i < 20'000; ++i) text += "  u" + std::to_string(i) + ": {servers: [127.0.0.1:1]}\n";
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(told(text + minimal), ElementsAre());
    // Comparing each key with all before it takes a minute.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}
