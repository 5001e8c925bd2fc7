// The thread that reads a configuration: there is a verdict whatever happens to it, and every file that counts is known.
#include "proxy/loader.hpp"

#include "certs/make.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace postern {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;

struct loader_test : testing::Test {
    fs::path folder = fs::temp_directory_path() / ("postern-loader-" + std::to_string(::getpid()));
    net::asio::io_context context{1};
    const certs::development_authority authority;
    loader files{[this] { return config::load(at("p.yaml")); }, at("p.yaml"), context};

    void SetUp() override {
        fs::create_directories(folder / "conf.d");
        issue("site");
        serve("");
    }
    void TearDown() override { fs::remove_all(folder); }

    [[nodiscard]] std::string at(const std::string& name) const { return (folder / name).string(); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(at(name)) << text; }
    void issue(const std::string& name) const {
        const auto made = authority.issue({});
        write(name + ".crt", made.certificate);
        write(name + ".key", made.key);
    }
    // The configuration, with more in its ssl block and in front of everything.
    void serve(const std::string& more, const std::string& before = "", const std::string& certificate = "site") const {
        write("p.yaml", before + "servers:\n  - listen: 127.0.0.1:8443\n    proxy_pass: tcp://127.0.0.1:1\n    ssl: {" +
                            "certificate: " + certificate + ".crt, certificate_key: " + certificate + ".key" + more +
                            "}\n");
    }
    void expect_served() {
        const auto r = files.read();
        for (const auto& p : r.loaded.problems) EXPECT_NE(p.level, config::severity::error) << config::to_string(p);
        EXPECT_TRUE(r.loaded.made);
    }
    [[nodiscard]] reading fail() {
        auto r = files.read();
        EXPECT_FALSE(r.loaded.made);
        return r;
    }
    static std::vector<std::string> changed_since(const reading& r) {
        return ops::changed_files(r.seen, ops::look_again(r.seen));
    }
};

}  // namespace

TEST_F(loader_test, a_reading_that_breaks_off_has_a_verdict_and_can_be_tried_again) {
    const auto work = net::asio::make_work_guard(context);
    int asked = 0;
    loader broken(
        [&]() -> config::document {
            ++asked;
            throw std::runtime_error("the disk is gone");
        },
        "", context);
    for (int turn = 1; turn <= 2; ++turn) {
        std::vector<std::string> told;
        ASSERT_EQ(broken.begin(nullptr,
                               [&](const reading& r) {
                                   EXPECT_FALSE(r.loaded.made);
                                   // What was watched before still is.
                                   EXPECT_TRUE(r.seen.empty());
                                   for (const auto& p : r.loaded.problems) told.push_back(p.what);
                               }),
                  "");
        EXPECT_EQ(context.run_one(), 1U);
        EXPECT_THAT(told, ElementsAre("cannot be read: the disk is gone"));
        EXPECT_EQ(asked, turn);
    }
}

TEST_F(loader_test, a_reading_that_fails_has_the_files_of_those_before_it_too) {
    expect_served();
    serve("", "", "other");
    EXPECT_THAT(fail().seen, Contains(Key(at("other.key"))));
    write("p.yaml", "servers: [\n");
    const auto all = fail().seen;
    for (const char* name : {"p.yaml", "site.crt", "site.key", "other.crt", "other.key"})
        EXPECT_THAT(all, Contains(Key(at(name))));
    serve("");
    const auto r = files.read();
    EXPECT_TRUE(r.loaded.made);
    EXPECT_THAT(r.seen, Not(Contains(Key(at("other.key")))));
}

TEST_F(loader_test, what_a_failed_reading_has_not_read_is_not_for_ever_another_than_before) {
    expect_served();
    issue("site");
    write("p.yaml", "servers: [\n");
    const auto r = fail();
    EXPECT_THAT(changed_since(r), ElementsAre());
    issue("site");
    EXPECT_THAT(changed_since(r), ElementsAre(at("site.crt"), at("site.key")));
}

TEST_F(loader_test, what_is_wrong_with_a_file_may_be_that_it_is_not_whole_yet) {
    issue("other");
    fs::rename(at("other.key"), at("site.key"));
    EXPECT_TRUE(fail().unfinished) << "a certificate and a key that do not match";
    fs::remove(at("site.key"));
    EXPECT_TRUE(fail().unfinished) << "no key";
    issue("site");
    fs::resize_file(at("site.crt"), 100);
    EXPECT_TRUE(fail().unfinished) << "half a certificate";
    fs::resize_file(at("site.crt"), 0);
    EXPECT_TRUE(fail().unfinished) << "an empty one";
    issue("site");
    serve("", "include: missing.yaml\n");
    EXPECT_TRUE(fail().unfinished) << "no included file";
    write("p.yaml", "");
    EXPECT_TRUE(fail().unfinished) << "an empty configuration";
    fs::remove(at("p.yaml"));
    EXPECT_TRUE(fail().unfinished) << "none";
}

TEST_F(loader_test, what_no_file_can_mend_is_wrong_at_once) {
    // None of these is what is wrong.
    write("empty", "");
    write("conf.d/empty.yaml", "");
    const std::string harmless = ", password_file: empty", included = "include: [conf.d/*.yaml, nowhere/*.yaml]\n";
    serve(harmless, included);
    expect_served();
    serve(harmless + ", ciphers: NONSENSE", included);
    EXPECT_FALSE(fail().unfinished) << "no such suite";
    serve(harmless, included + "wrokers: 1\n");
    EXPECT_FALSE(fail().unfinished) << "no such key";
    serve(harmless, "include: p.yaml\n");
    EXPECT_FALSE(fail().unfinished) << "a file that includes itself";
    write("p.yaml", "servers: [\n");
    EXPECT_FALSE(fail().unfinished) << "no YAML";
    issue("conf.d/a");
    write("p.yaml", "servers:\n  - {listen: 127.0.0.1:8443, ssl: {certificate: conf.d, certificate_key: conf.d/a.key}, "
                    "proxy_pass: \"tcp://127.0.0.1:1\"}\n");
    EXPECT_FALSE(fail().unfinished) << "a key beside a folder";
}

TEST_F(loader_test, in_a_folder_that_is_included_those_names_count_that_the_pattern_means) {
    serve("", "include: conf.d/*.yaml\n");
    const auto r = files.read();
    ASSERT_TRUE(r.loaded.made);
    for (const char* name : {"README", "4913", "a.yaml~", ".a.yaml.swp", "a.yaml.tmp", ".b.yaml"})
        write(std::string("conf.d/") + name, "");
    EXPECT_THAT(changed_since(r), ElementsAre());
    write("conf.d/a.yaml", "");
    EXPECT_THAT(changed_since(r), ElementsAre(at("conf.d")));
}

TEST_F(loader_test, in_a_folder_of_certificates_those_names_count_that_may_be_of_certificates_and_keys) {
    issue("conf.d/a");
    write("p.yaml", "include: conf.d/*.yaml\nservers:\n  - {listen: 127.0.0.1:8443, ssl: {certificate: conf.d}, "
                    "proxy_pass: \"tcp://127.0.0.1:1\"}\n");
    // It is an included folder too.
    for (const char* name : {"b.crt", "b.key", "b.pem", "b.yaml"}) {
        const auto r = files.read();
        ASSERT_TRUE(r.loaded.made);
        write("conf.d/README", name);
        EXPECT_THAT(changed_since(r), ElementsAre());
        write(std::string("conf.d/") + name, "");
        EXPECT_THAT(changed_since(r), ElementsAre(at("conf.d")));
        fs::remove(at(std::string("conf.d/") + name));
    }
}

}  // namespace postern
