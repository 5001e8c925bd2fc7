// Configurations in several files.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

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

}  // namespace

class includes : public testing::Test {
protected:
    fs::path folder = fs::temp_directory_path() / ("postern-include-" + std::to_string(::getpid()));
    void SetUp() override { fs::create_directories(folder / "conf.d"); }
    void TearDown() override { fs::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }
    [[nodiscard]] document load_all() const { return load((folder / "p.yaml").string()); }
    [[nodiscard]] std::vector<std::string> said() const {
        std::vector<std::string> lines;
        for (const auto& p : load_all().problems) lines.push_back(to_string(p));
        return lines;
    }
    [[nodiscard]] std::string at(const std::string& text) const { return (folder / "").string() + text; }
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

TEST_F(includes, the_key_of_an_include_names_the_server_it_stands_in) {
    write("p.yaml", minimal + "    include: missing.yaml\n");
    EXPECT_THAT(said(), ElementsAre(at("p.yaml:5:14: servers[0].include: no such file (found: missing.yaml)")));
}

TEST_F(includes, one_server_alone_adds_up_with_a_list_of_them) {
    write("p.yaml", "include: one.yaml\n" + minimal);
    write("one.yaml", "servers: {listen: 127.0.0.1:1, ssl: {certificate: b.crt}, proxy_pass: \"tcp://127.0.0.1:1\"}\n");
    const auto doc = load_all();
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.servers.size(), 2U);
}

TEST_F(includes, groups_of_upstreams_add_up_and_a_name_twice_is_an_error) {
    write("p.yaml", "include: [a.yaml, b.yaml]\n" + minimal);
    write("a.yaml", "upstreams: {a: {servers: [127.0.0.1:1]}}\n");
    write("b.yaml", "upstreams: {b: {servers: [127.0.0.1:1]}, a: {servers: [127.0.0.1:2]}}\n");
    EXPECT_THAT(said(),
                ElementsAre(at("b.yaml:1:42: upstreams.a: the key stands twice; the first is in ") + at("a.yaml:1")));
    EXPECT_EQ(load_all().settings.upstreams.size(), 2U);
}

TEST_F(includes, a_circle_through_another_spelling_of_a_name_is_seen) {
    write("p.yaml", "include: conf.d/a.yaml\n" + minimal);
    write("conf.d/a.yaml", "include: ../conf.d/../p.yaml\n");
    EXPECT_THAT(said(), ElementsAre(HasSubstr("conf.d/a.yaml:1:10: include: a file that includes itself")));
}

TEST_F(includes, depth_is_bounded) {
    write("p.yaml", "include: 0.yaml\n" + minimal);
    for (int i = 0; i < 40; ++i) write(std::to_string(i) + ".yaml", "include: " + std::to_string(i + 1) + ".yaml\n");
    EXPECT_THAT(said(),
                ElementsAre(at("15.yaml:1:10: include: includes more than 16 files deep (found: ") + at("16.yaml)")));
}

TEST_F(includes, a_pattern_without_a_match_is_no_error) {
    write("p.yaml", "include: [conf.d/*.yaml, nowhere/*.yaml]\n" + minimal);
    EXPECT_THAT(said(), ElementsAre());
}

TEST_F(includes, a_pipe_is_refused_and_not_waited_for) {
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    write("p.yaml", "include: pipe\n" + minimal);
    EXPECT_THAT(said(), ElementsAre(at("p.yaml:1:10: include: not a file (found: ") + at("pipe)")));
}

TEST_F(includes, the_folder_of_a_file_is_no_pattern) {
    folder /= "[a]*";
    fs::create_directories(folder);
    write("p.yaml", "include: b.yaml\n" + minimal);
    write("b.yaml", "workers: 3\n");
    const auto doc = load_all();
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.workers, 3U);
    folder = folder.parent_path();
}

TEST_F(includes, problems_come_in_the_order_of_the_text_file_after_file) {
    write("p.yaml", "wrokers: 1\ninclude: conf.d/*.yaml\n" + minimal + "    listne: 1\n");
    write("conf.d/a.yaml", "b: 1\na: 1\n");
    EXPECT_THAT(said(), ElementsAre(HasSubstr("p.yaml:1:1: wrokers"), HasSubstr("p.yaml:7:5: servers[0].listne"),
                                    HasSubstr("a.yaml:1:1: b"), HasSubstr("a.yaml:2:1: a")));
}

TEST_F(includes, a_file_that_is_not_yaml_hides_no_problem_of_the_others) {
    write("p.yaml", "wrokers: 1\ninclude: broken.yaml\n");
    write("broken.yaml", "servers: [\n");
    EXPECT_THAT(said(), ElementsAre(HasSubstr("p.yaml:1:1: wrokers"), HasSubstr("broken.yaml:2:1: not YAML")))
        << "and nobody claims that nothing is served";
}

TEST_F(includes, what_was_read_is_listed_with_the_folders_in_which_patterns_look) {
    write("p.yaml", "include: [conf.d/*.yaml, more.yaml, sites/*/p.yaml]\n" + minimal);
    write("conf.d/a.yaml", "workers: 1\n");
    fs::create_directories(folder / "sites/one");
    fs::create_directories(folder / "sites/two");
    write("sites/two/p.yaml", "user: nobody\n");
    const auto doc = load_all();
    EXPECT_THAT(doc.files, ElementsAre(at("p.yaml"), at("conf.d/a.yaml"), at("more.yaml"), at("sites/two/p.yaml")));
    EXPECT_THAT(doc.folders,
                ElementsAre(include_folder{at("conf.d"), "*.yaml"}, include_folder{at("sites"), "*"},
                            include_folder{at("sites/one"), "p.yaml"}, include_folder{at("sites/two"), "p.yaml"}));
}

TEST_F(includes, folders_that_are_empty_or_missing_are_listed_too) {
    write("p.yaml", "include: [sites/*/p.yaml, none/*.yaml]\n" + minimal);
    fs::create_directories(folder / "sites/one");
    const auto doc = load_all();
    EXPECT_THAT(doc.files, ElementsAre(at("p.yaml")));
    EXPECT_THAT(doc.folders, ElementsAre(include_folder{at("sites"), "*"}, include_folder{at("sites/one"), "p.yaml"},
                                         include_folder{at("none"), "*.yaml"}));
}

TEST_F(includes, a_file_that_cannot_be_read_is_listed_too) {
    EXPECT_THAT(load_all().files, ElementsAre(at("p.yaml")));
    write("p.yaml", "servers: [\n");
    EXPECT_THAT(load_all().files, ElementsAre(at("p.yaml")));
}
