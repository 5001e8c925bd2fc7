#include "proxy/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

namespace postern::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

template <class Command>
Command asked(const std::vector<std::string>& arguments) {
    const auto parsed = parse(arguments);
    if (const auto* a = std::get_if<answer>(&parsed)) {
        ADD_FAILURE() << a->text;
        return {};
    }
    return std::get<Command>(std::get<command>(parsed));
}

answer refused(const std::vector<std::string>& arguments) {
    const auto parsed = parse(arguments);
    const auto* a = std::get_if<answer>(&parsed);
    return a == nullptr ? answer{-1, "it was understood"} : *a;
}

const std::vector<std::string> whole_sidecar{
    "serve", "--listen", "443", "--cert", "a.crt", "--key", "a.key", "--proxy-pass", "tcp://127.0.0.1:80"};

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

TEST(command_line, each_verb_that_reads_a_file_has_the_same_default) {
    EXPECT_EQ(asked<serve_command>({"serve"}).config_file, "/etc/postern/postern.yaml");
    EXPECT_EQ(asked<check_command>({"check"}).config_file, "/etc/postern/postern.yaml");
    EXPECT_EQ(asked<reload_command>({"reload"}).config_file, "/etc/postern/postern.yaml");
    EXPECT_EQ(asked<status_command>({"status"}).config_file, "/etc/postern/postern.yaml");
}

TEST(command_line, the_file_is_taken_in_each_spelling) {
    EXPECT_EQ(asked<serve_command>({"serve", "-c", "x.yaml"}).config_file, "x.yaml");
    EXPECT_EQ(asked<check_command>({"check", "--config", "x.yaml"}).config_file, "x.yaml");
    EXPECT_EQ(asked<reload_command>({"reload", "--config=x.yaml"}).config_file, "x.yaml");
}

TEST(command_line, an_empty_file_name_is_not_the_default) {
    EXPECT_EQ(refused({"check", "-c", ""}).exit_code, EX_USAGE);
    EXPECT_EQ(refused({"serve", "--config="}).exit_code, EX_USAGE);
}

TEST(command_line, check_looks_into_files_unless_told_not_to) {
    EXPECT_TRUE(asked<check_command>({"check"}).files);
    EXPECT_FALSE(asked<check_command>({"check", "--no-files"}).files);
}

TEST(command_line, a_sidecar_keeps_its_values_as_given) {
    const auto c = asked<serve_command>(with(whole_sidecar, {"--workers", "2", "--admin", "unix:/run/a.sock"}));
    ASSERT_TRUE(c.flags);
    EXPECT_EQ(c.config_file, "");
    EXPECT_THAT(c.flags->listen, ElementsAre("443"));
    EXPECT_THAT(c.flags->certificate, ElementsAre("a.crt"));
    EXPECT_THAT(c.flags->key, ElementsAre("a.key"));
    EXPECT_THAT(c.flags->proxy_pass, ElementsAre("tcp://127.0.0.1:80"));
    EXPECT_THAT(c.flags->workers, ElementsAre("2"));
    EXPECT_THAT(c.flags->admin, ElementsAre("unix:/run/a.sock"));
}

TEST(command_line, an_ipv6_address_in_brackets_is_one_value) {
    const auto c = asked<serve_command>(with(whole_sidecar, {"--listen", "[::]:443"}));
    ASSERT_TRUE(c.flags);
    EXPECT_THAT(c.flags->listen, ElementsAre("443", "[::]:443"));
}

TEST(command_line, a_flag_takes_one_value_only) {
    const auto a = refused(with(whole_sidecar, {"--cert", "b.crt", "c.crt"}));
    EXPECT_EQ(a.exit_code, EX_USAGE);
    EXPECT_THAT(a.text, HasSubstr("c.crt"));
}

TEST(command_line, a_single_flag_cannot_stand_twice) {
    const auto a = refused(with(whole_sidecar, {"--proxy-pass", "tcp://127.0.0.1:81"}));
    EXPECT_EQ(a.exit_code, EX_USAGE);
    EXPECT_THAT(a.text, HasSubstr("--proxy-pass"));
}

TEST(command_line, a_file_and_a_sidecars_flags_exclude_each_other) {
    for (const auto& flag : sidecar_flags()) {
        const auto a = refused({"serve", "-c", "x.yaml", std::string(flag.flag), "1"});
        EXPECT_EQ(a.exit_code, EX_USAGE) << flag.flag;
        EXPECT_THAT(a.text, HasSubstr(std::string(flag.flag)));
    }
}

TEST(command_line, what_a_sidecar_lacks_is_named_at_once) {
    const auto a = refused({"serve", "--listen", "443"});
    EXPECT_EQ(a.exit_code, EX_USAGE);
    EXPECT_THAT(a.text, HasSubstr("--cert, --proxy-pass"));
    EXPECT_THAT(a.text, Not(HasSubstr("--key")));
    EXPECT_THAT(refused({"serve", "--log-level", "debug"}).text, HasSubstr("--listen"));
}

TEST(command_line, status_looks_once_unless_it_is_to_watch) {
    using namespace std::chrono_literals;
    EXPECT_EQ(asked<status_command>({"status"}).watch, std::nullopt);
    EXPECT_EQ(asked<status_command>({"status", "--watch"}).watch, 2s);
    EXPECT_EQ(asked<status_command>({"status", "--watch", "-c", "x.yaml"}).watch, 2s);
    EXPECT_EQ(asked<status_command>({"status", "--watch=5"}).watch, 5s);
    EXPECT_EQ(asked<status_command>({"status", "--watch", "0.5"}).watch, 500ms);
    EXPECT_EQ(asked<status_command>({"status", "--watch=3600"}).watch, 1h);
}

TEST(command_line, a_time_to_watch_that_is_none_is_refused) {
    for (const std::string seconds : {"0", "0.09", "3601", "-1", "2s", "1e2", "nan", "inf", "0x2", " 2"}) {
        const auto a = refused({"status", "--watch=" + seconds});
        EXPECT_EQ(a.exit_code, EX_USAGE) << seconds;
        EXPECT_THAT(a.text, HasSubstr("--watch: a number of seconds from 0.1 to 3600"));
    }
}

TEST(command_line, status_can_be_told_whom_to_ask) {
    EXPECT_FALSE(asked<status_command>({"status"}).admin);
    EXPECT_EQ(config::to_string(*asked<status_command>({"status", "--admin", "127.0.0.1:9901"}).admin),
              "127.0.0.1:9901");
    EXPECT_EQ(config::to_string(*asked<status_command>({"status", "--admin=unix:/run/a.sock"}).admin),
              "unix:/run/a.sock");
    EXPECT_EQ(asked<status_command>({"status", "--admin", "localhost:9901"}).admin->host, "localhost");
    for (const std::string address : {"here", "127.0.0.1:99999", "unix:", ""}) {
        const auto a = refused({"status", "--admin=" + address});
        EXPECT_EQ(a.exit_code, EX_USAGE) << address;
        EXPECT_THAT(a.text, HasSubstr("--admin"));
    }
}

TEST(command_line, of_status_some_flags_exclude_each_other) {
    EXPECT_THAT(refused({"status", "-c", "x.yaml", "--admin", "9901"}).text, HasSubstr("exclude each other"));
    EXPECT_THAT(refused({"status", "--json", "--watch"}).text, HasSubstr("exclude each other"));
    EXPECT_TRUE(asked<status_command>({"status", "--json"}).json);
}

TEST(command_line, the_demo_has_an_address) {
    EXPECT_EQ(config::to_string(asked<demo_command>({"demo"}).listen), "127.0.0.1:8443");
    EXPECT_EQ(asked<demo_command>({"demo", "--listen", "[::1]:9443"}).listen.port, 9443);
}

TEST(command_line, the_demo_refuses_what_is_no_address) {
    for (const std::string address : {"here", "127.0.0.1:99999", "unix:/tmp/x", ""}) {
        const auto a = refused({"demo", "--listen", address});
        EXPECT_EQ(a.exit_code, EX_USAGE) << address;
        EXPECT_THAT(a.text, HasSubstr("--listen"));
    }
}

TEST(command_line, the_reference_has_three_formats) {
    EXPECT_EQ(asked<reference_command>({"reference"}).format, config::reference_format::markdown);
    EXPECT_EQ(asked<reference_command>({"reference", "--format", "md"}).format, config::reference_format::markdown);
    EXPECT_EQ(asked<reference_command>({"reference", "--format", "yaml"}).format, config::reference_format::yaml);
    EXPECT_EQ(asked<reference_command>({"reference", "--format", "schema"}).format, config::reference_format::schema);
    EXPECT_EQ(refused({"reference", "--format", "html"}).exit_code, EX_USAGE);
}

TEST(command_line, an_unknown_verb_is_refused_with_the_nearest_one) {
    const auto a = refused({"sevre"});
    EXPECT_EQ(a.exit_code, EX_USAGE);
    EXPECT_THAT(a.text, HasSubstr("unknown verb sevre; did you mean serve?"));
}

TEST(command_line, an_unknown_verb_that_is_near_nothing_has_no_suggestion) {
    const auto a = refused({"frobnicate"});
    EXPECT_EQ(a.exit_code, EX_USAGE);
    EXPECT_THAT(a.text, Not(HasSubstr("did you mean")));
}

TEST(command_line, an_unknown_flag_is_refused_with_the_nearest_one) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"serve", "--lisen", "443"}, {"serve", "--lisen=443"}}) {
        const auto a = refused(arguments);
        EXPECT_EQ(a.exit_code, EX_USAGE);
        EXPECT_THAT(a.text, HasSubstr("unknown flag --lisen"));
        EXPECT_THAT(a.text, HasSubstr("did you mean --listen?"));
    }
}

TEST(command_line, a_word_too_many_is_refused) {
    EXPECT_EQ(refused({"version", "please"}).exit_code, EX_USAGE);
    EXPECT_EQ(refused({"check", "postern.yaml"}).exit_code, EX_USAGE);
    EXPECT_EQ(refused({"check", "reload"}).exit_code, EX_USAGE);
}

TEST(command_line, a_flag_without_its_value_is_refused) {
    EXPECT_EQ(refused({"check", "-c"}).exit_code, EX_USAGE);
    EXPECT_EQ(refused({"serve", "--listen"}).exit_code, EX_USAGE);
}

TEST(command_line, every_refusal_says_where_the_help_is) {
    EXPECT_THAT(refused({"sevre"}).text, HasSubstr("postern --help"));
    EXPECT_THAT(refused({"serve", "--lisen"}).text, HasSubstr("postern serve --help"));
}

TEST(command_line, the_version_can_be_asked_as_a_flag) {
    const auto a = refused({"--version"});
    EXPECT_EQ(a.exit_code, 0);
    EXPECT_THAT(a.text, testing::StartsWith("postern 0."));
}

}  // namespace
}  // namespace postern::cli
