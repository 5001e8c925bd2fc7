// Configuration texts and what is said of them: each problem with its line, column, key and words.
#include "config/document.hpp"
#include "config/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace postern::config;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

namespace fs = std::filesystem;

const std::string minimal = R"(servers:
  - listen: 127.0.0.1:8443
    ssl: {certificate: a.crt, certificate_key: a.key}
    proxy_pass: tcp://127.0.0.1:9001
)";

std::vector<std::string> told(const std::string& text) {
    std::vector<std::string> lines;
    for (const auto& p : parse(text, "/etc/p.yaml").problems) lines.push_back(to_string(p));
    return lines;
}

// The minimal configuration with one line more at the top.
std::vector<std::string> told_with(const std::string& line) { return told(line + "\n" + minimal); }

}  // namespace

TEST(parse, the_smallest_configuration_has_no_problem_and_nginxs_defaults) {
    const auto doc = parse(minimal, "/etc/p.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    const auto& s = doc.settings.servers.at(0);
    EXPECT_EQ(to_string(s.listen.at(0)), "127.0.0.1:8443");
    EXPECT_EQ(s.ssl->certificate.at(0), "/etc/a.crt");
    EXPECT_EQ(to_string(s.proxy_pass), "tcp://127.0.0.1:9001");
    EXPECT_EQ(s.proxy_timeout, std::chrono::minutes(10));
    EXPECT_TRUE(s.ssl->prefer_server_ciphers);
    EXPECT_TRUE(s.ssl->session_tickets);
}

TEST(parse, one_value_stands_for_a_list_of_one) {
    const auto doc = parse(minimal, "p.yaml");
    EXPECT_EQ(doc.settings.servers.at(0).listen.size(), 1U);
}

TEST(parse, an_unknown_key_is_an_error_that_suggests_the_nearest) {
    EXPECT_THAT(told_with("worker: 2"), ElementsAre("/etc/p.yaml:1:1: worker: unknown key; did you mean workers?"));
}

TEST(parse, a_key_far_from_any_other_gets_no_suggestion) {
    EXPECT_THAT(told_with("telemetry: 1"), ElementsAre("/etc/p.yaml:1:1: telemetry: unknown key"));
}

TEST(parse, nginxs_prefix_inside_the_ssl_block_gets_the_right_name) {
    EXPECT_THAT(
        told(R"(servers:
  - listen: 127.0.0.1:8443
    ssl: {certificate: a.crt, ssl_protocols: TLSv1.3}
    proxy_pass: tcp://127.0.0.1:9001
)"),
        ElementsAre("/etc/p.yaml:3:31: servers[0].ssl.ssl_protocols: unknown key: the keys of the ssl block have "
                    "no ssl_ prefix; did you mean protocols?"));
}

TEST(parse, a_key_that_stands_twice_is_an_error_at_the_second) {
    EXPECT_THAT(told_with("workers: 1\nworkers: 2"),
                ElementsAre("/etc/p.yaml:2:1: workers: the key stands here twice; the first is in line 1"));
}

TEST(parse, a_null_is_an_error_at_its_key) {
    EXPECT_THAT(told_with("user:"),
                ElementsAre("/etc/p.yaml:1:1: user: no value; allowed: leave the key out, or give it a value"));
    EXPECT_THAT(told_with("user: ~"), ElementsAre(HasSubstr("/etc/p.yaml:1:1: user: no value")));
}

TEST(parse, anchors_aliases_and_tags_are_errors_at_their_key) {
    EXPECT_THAT(told_with("user: &a nobody"),
                ElementsAre(HasSubstr("/etc/p.yaml:1:1: user: anchors are not supported")));
    EXPECT_THAT(told_with("user: !!str nobody"),
                ElementsAre(HasSubstr("/etc/p.yaml:1:1: user: tags are not supported")));
    EXPECT_THAT(told_with("user: &a nobody\nworkers: *a"),
                ElementsAre(HasSubstr("1:1: user: anchors"), HasSubstr("2:1: workers: aliases are not supported")));
}

TEST(parse, a_second_document_is_an_error) {
    EXPECT_THAT(told(minimal + "---\nworkers: 1\n"), ElementsAre(HasSubstr("a second document")));
}

TEST(parse, what_is_not_yaml_is_one_error_with_its_place) {
    EXPECT_THAT(told("servers: [\n"), testing::Contains(HasSubstr("/etc/p.yaml:2:1: not YAML")));
}

TEST(parse, an_unquoted_ipv6_address_or_star_suggests_quotes) {
    EXPECT_THAT(told("servers:\n  - listen: [::]:443\n"), testing::Contains(HasSubstr("in quotes: \"[::]:443\"")));
    EXPECT_THAT(told("servers:\n  - server_name: *.example.org\n"),
                testing::Contains(HasSubstr("in quotes: \"*.example.org\"")));
}

TEST(parse, booleans_are_on_off_true_and_false_only) {
    for (const char* right : {"on", "off", "true", "false"})
        EXPECT_THAT(told(minimal + "    default_server: " + right + "\n"), ElementsAre()) << right;
    for (const char* wrong : {"yes", "no", "1", "On"})
        EXPECT_THAT(told(minimal + "    default_server: " + wrong + "\n"),
                    ElementsAre("/etc/p.yaml:5:21: servers[0].default_server: neither on nor off (found: " +
                                std::string(wrong) + "); allowed: on or off, true or false"));
}

TEST(parse, wrong_types_and_units_say_what_was_found_and_what_is_allowed) {
    EXPECT_THAT(
        told_with("shutdown_timeout: 30"),
        ElementsAre("/etc/p.yaml:1:19: shutdown_timeout: not a time (found: 30); allowed: a time with its unit, "
                    "such as 250ms, 5s, 10m, 1h or 1d"));
    EXPECT_THAT(told_with("workers: many"),
                ElementsAre(HasSubstr("1:10: workers: not a number that is allowed (found: many)")));
    EXPECT_THAT(told_with("log: {level: loud}"), ElementsAre(HasSubstr("allowed: debug, info, warning, error")));
    EXPECT_THAT(told_with("log: {level: inof}"), ElementsAre(HasSubstr("did you mean info?")));
    EXPECT_THAT(told_with("limits: [1]"),
                ElementsAre(HasSubstr("1:9: limits: keys and values belong here (found: a list)")));
    EXPECT_THAT(told_with("workers: [1]"), ElementsAre(HasSubstr("one value belongs here (found: a list)")));
}

TEST(parse, all_problems_are_told_at_once_in_the_order_of_the_text) {
    EXPECT_THAT(told("wrokers: 1\nshutdown_timeout: soon\nservers:\n  - listen: nowhere\n    ssl: {ciphres: X}\n"),
                ElementsAre(HasSubstr(":1:1: wrokers"), HasSubstr(":2:19: shutdown_timeout"),
                            HasSubstr(":4:13: servers[0].listen[0]: not an address"),
                            HasSubstr(":5:5: servers[0].ssl: no certificate"),
                            HasSubstr(":5:11: servers[0].ssl.ciphres")));
}

TEST(parse, a_server_name_is_folded_and_loses_its_last_dot) {
    const auto doc = parse(minimal + "    server_name: [WWW.Example.ORG., \"*.B.example\"]\n", "p.yaml");
    EXPECT_THAT(doc.settings.servers.at(0).server_name, ElementsAre("www.example.org", "*.b.example"));
}

TEST(parse, nesting_and_size_are_bounded) {
    EXPECT_THAT(told(std::string(100, '[') + std::string(100, ']')), testing::Contains(HasSubstr("nested too deeply")));
    EXPECT_THAT(told(std::string(9 * 1024 * 1024, ' ')), testing::Contains(HasSubstr("larger than 8 MiB")));
}

TEST(parse, a_file_that_cannot_be_read_is_one_problem) {
    const auto doc = load("/nonexistent/postern.yaml");
    ASSERT_EQ(doc.problems.size(), 1U);
    EXPECT_EQ(to_string(doc.problems[0]), "/nonexistent/postern.yaml: No such file or directory");
}

class includes : public testing::Test {
protected:
    fs::path folder = fs::temp_directory_path() / ("postern-include-" + std::to_string(::getpid()));
    void SetUp() override { fs::create_directories(folder / "conf.d"); }
    void TearDown() override { fs::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }
    [[nodiscard]] document load_all() const { return load((folder / "p.yaml").string()); }
};

TEST_F(includes, servers_of_all_files_add_up_in_the_order_of_their_names) {
    write("p.yaml", "include: conf.d/*.yaml\nworkers: 1\n");
    for (const char* name : {"b", "a"})
        write(std::string("conf.d/") + name + ".yaml",
              "servers:\n  - {listen: 127.0.0.1:844" + std::string(name == std::string("a") ? "1" : "2") +
                  ", ssl: {certificate: " + name + ".crt}, proxy_pass: \"tcp://127.0.0.1:1\"}\n");
    const auto doc = load_all();
    EXPECT_THAT(doc.problems, ElementsAre());
    ASSERT_EQ(doc.settings.servers.size(), 2U);
    // Relative to the file that names them.
    EXPECT_EQ(doc.settings.servers[0].ssl->certificate[0], (folder / "conf.d/a.crt").string());
    EXPECT_EQ(doc.settings.servers[1].listen[0].port, 8442);
}

TEST_F(includes, keys_of_a_server_may_stand_in_another_file) {
    write("p.yaml", minimal + "    include: names.yaml\n");
    write("names.yaml", "server_name: a.example.org\nproxy_timeout: 5s\n");
    const auto doc = load_all();
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_THAT(doc.settings.servers.at(0).server_name, ElementsAre("a.example.org"));
}

TEST_F(includes, problems_name_the_file_that_has_them) {
    write("p.yaml", "include: other.yaml\n" + minimal);
    write("other.yaml", "\nwrokers: 1\n");
    const auto doc = load_all();
    ASSERT_EQ(doc.problems.size(), 1U);
    EXPECT_EQ(to_string(doc.problems[0]),
              (folder / "other.yaml").string() + ":2:1: wrokers: unknown key; did you mean workers?");
}

TEST_F(includes, a_circle_a_missing_file_and_a_key_twice_are_errors) {
    write("p.yaml", "include: [p.yaml, missing.yaml, twice.yaml]\nworkers: 1\n" + minimal);
    write("twice.yaml", "workers: 2\n");
    std::string all;
    for (const auto& p : load_all().problems) all += to_string(p) + "\n";
    EXPECT_THAT(all, HasSubstr("a file that includes itself"));
    EXPECT_THAT(all, HasSubstr("include: no such file (found: missing.yaml)"));
    EXPECT_THAT(all, HasSubstr("workers: the key stands twice"));
}
