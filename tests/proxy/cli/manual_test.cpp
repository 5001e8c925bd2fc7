#include "proxy/cli/manual.hpp"

#include "proxy/cli/sidecar.hpp"
#include "tests/proxy/cli/fake_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <set>

namespace postern::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(manual, it_has_every_verb_with_an_example_and_its_exit_codes) {
    const auto text = test::run({"--help"}).out;
    for (const auto& verb : verbs()) {
        EXPECT_THAT(text, HasSubstr("  " + std::string(verb.name) + "  "));
        EXPECT_THAT(text, HasSubstr("$ postern " + std::string(verb.name)));
        EXPECT_THAT(text, HasSubstr("exit " + std::string(verb.exits.substr(0, verb.exits.find('\n')))));
    }
}

TEST(manual, it_names_the_signals) {
    for (const auto* name : {"SIGHUP", "SIGTERM", "SIGINT", "SIGUSR1"}) EXPECT_THAT(manual(), HasSubstr(name));
}

TEST(manual, no_line_is_wider_than_a_terminal) {
    std::istringstream lines(manual());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(manual, help_is_no_failure) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{{"--help"}, {"-h"}, {"serve", "--help"}}) {
        const auto done = test::run(arguments);
        EXPECT_EQ(done.code, 0);
        EXPECT_THAT(done.err, IsEmpty());
        EXPECT_THAT(done.out, HasSubstr("postern"));
    }
}

TEST(manual, a_verbs_help_has_its_own_examples_and_exit_codes) {
    for (const auto& verb : verbs()) {
        const auto done = test::run({std::string(verb.name), "--help"});
        EXPECT_EQ(done.code, 0);
        EXPECT_THAT(done.out, HasSubstr("Usage: postern " + std::string(verb.name)));
        EXPECT_THAT(done.out, HasSubstr("  $ postern " + std::string(verb.name)));
        EXPECT_THAT(done.out, HasSubstr("64  the command line is wrong"));
    }
}

TEST(manual, the_help_of_serve_has_every_flag) {
    const auto text = test::run({"serve", "--help"}).out;
    EXPECT_THAT(text, HasSubstr("-c,--config"));
    for (const auto& flag : sidecar_flags()) {
        EXPECT_THAT(text, HasSubstr(std::string(flag.flag) + " "));
        EXPECT_THAT(text, HasSubstr(std::string(flag.line)));
    }
    EXPECT_THAT(text, testing::Not(HasSubstr("Excludes")));
}

TEST(manual, no_verb_at_all_prints_it_and_fails) {
    const auto done = test::run({});
    EXPECT_EQ(done.code, EX_USAGE);
    EXPECT_EQ(done.err, manual());
    EXPECT_THAT(done.out, IsEmpty());
}

}  // namespace
}  // namespace postern::cli
