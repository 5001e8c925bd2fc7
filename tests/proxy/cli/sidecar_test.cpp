#include "proxy/cli/sidecar.hpp"

#include "proxy/session/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace postern::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

sidecar right() {
    sidecar flags;
    flags.listen = {"443"};
    flags.certificate = {"/c/a.crt"};
    flags.key = {"/c/a.key"};
    flags.proxy_pass = {"tcp://127.0.0.1:80"};
    return flags;
}

std::vector<std::string> lines(const config::document& doc) {
    std::vector<std::string> all;
    for (const auto& p : doc.problems) all.push_back(config::to_string(p));
    return all;
}

TEST(sidecar, its_flags_are_a_configuration_of_one_tcp_server) {
    const auto doc = sidecar_document(right());
    EXPECT_THAT(lines(doc), IsEmpty());
    ASSERT_EQ(doc.settings.servers.size(), 1U);
    const auto& s = doc.settings.servers[0];
    ASSERT_TRUE(s.ssl);
    EXPECT_EQ(s.listen[0].port, 443);
    EXPECT_THAT(s.ssl->certificate, ElementsAre("/c/a.crt"));
    EXPECT_THAT(s.ssl->certificate_key, ElementsAre("/c/a.key"));
    EXPECT_EQ(s.proxy_pass.type, config::destination::kind::tcp);
    EXPECT_EQ(config::to_string(s.proxy_pass.address), "127.0.0.1:80");
}

TEST(sidecar, what_no_flag_says_is_as_in_an_empty_file) {
    auto doc = sidecar_document(right());
    doc.settings.servers.clear();
    EXPECT_EQ(doc.settings, config::settings{});
}

TEST(sidecar, each_further_flag_reaches_its_setting) {
    auto flags = right();
    flags.user = {"www-data:adm"};
    flags.workers = {"3"};
    flags.log_level = {"debug"};
    flags.log_format = {"json"};
    flags.access_log = {"off"};
    flags.admin = {"127.0.0.1:9901"};
    const auto doc = sidecar_document(flags);
    EXPECT_THAT(lines(doc), IsEmpty());
    EXPECT_EQ(doc.settings.user, "www-data:adm");
    EXPECT_EQ(doc.settings.workers, 3U);
    EXPECT_EQ(doc.settings.log.level, config::log_level::debug);
    EXPECT_EQ(doc.settings.log.format, config::log_format::json);
    EXPECT_EQ(doc.settings.log.access, "off");
    ASSERT_TRUE(doc.settings.admin.listen);
    EXPECT_EQ(doc.settings.admin.listen->port, 9901);
}

TEST(sidecar, several_addresses_and_certificates_are_kept_in_order) {
    auto flags = right();
    flags.listen = {"127.0.0.1:443", "[::1]:443"};
    flags.certificate = {"/c/rsa.crt", "/c/ec.crt"};
    flags.key = {"/c/rsa.key", "/c/ec.key"};
    const auto doc = sidecar_document(flags);
    EXPECT_THAT(lines(doc), IsEmpty());
    ASSERT_EQ(doc.settings.servers[0].listen.size(), 2U);
    EXPECT_EQ(doc.settings.servers[0].listen[1].host, "::1");
    EXPECT_THAT(doc.settings.servers[0].ssl->certificate_key, ElementsAre("/c/rsa.key", "/c/ec.key"));
}

TEST(sidecar, a_certificate_may_hold_its_key) {
    auto flags = right();
    flags.key.clear();
    const auto doc = sidecar_document(flags);
    EXPECT_THAT(lines(doc), IsEmpty());
    EXPECT_THAT(doc.settings.servers[0].ssl->certificate_key, IsEmpty());
}

TEST(sidecar, relative_paths_are_taken_from_the_working_directory) {
    auto flags = right();
    flags.certificate = {"a.crt"};
    flags.proxy_pass = {"unix:app.sock"};
    const auto doc = sidecar_document(flags);
    const auto here = std::filesystem::current_path();
    EXPECT_THAT(doc.settings.servers[0].ssl->certificate, ElementsAre((here / "a.crt").string()));
    EXPECT_EQ(doc.settings.servers[0].proxy_pass.address.path, (here / "app.sock").string());
}

TEST(sidecar, a_path_is_text_whatever_yaml_thinks_of_it) {
    for (const std::string name :
         {"a \"b\" c", "back\\slash", "x: y", "# no comment", "[list]", "{map}", "*star", "&and", "!bang", "true", "~",
          "tab\tnew\nline", "- dash", "k\xc3\xa4se", "x}, {user: root"}) {
        auto flags = right();
        flags.certificate = {"/c/" + name};
        const auto doc = sidecar_document(flags);
        EXPECT_THAT(lines(doc), IsEmpty()) << name;
        ASSERT_EQ(doc.settings.servers.size(), 1U) << name;
        EXPECT_THAT(doc.settings.servers[0].ssl->certificate, ElementsAre("/c/" + name));
    }
}

TEST(sidecar, a_wrong_value_is_told_by_its_flag_and_without_a_place_in_a_text) {
    struct row {
        std::vector<std::string> sidecar::*values;
        std::string flag;
    };
    for (const auto& [values, flag] : std::vector<row>{{&sidecar::listen, "--listen"},
                                                       {&sidecar::proxy_pass, "--proxy-pass"},
                                                       {&sidecar::workers, "--workers"},
                                                       {&sidecar::log_level, "--log-level"},
                                                       {&sidecar::log_format, "--log-format"},
                                                       {&sidecar::admin, "--admin"}}) {
        auto flags = right();
        flags.*values = {"not: right"};
        const auto said = lines(sidecar_document(flags));
        ASSERT_FALSE(said.empty()) << flag;
        EXPECT_THAT(said[0], StartsWith(flag + ": "));
        EXPECT_THAT(said[0], HasSubstr("not: right"));
        EXPECT_THAT(said[0], Not(HasSubstr("servers[")));
    }
}

TEST(sidecar, all_problems_are_told_at_once) {
    auto flags = right();
    flags.workers = {"many"};
    flags.log_level = {"inf"};
    const auto said = lines(sidecar_document(flags));
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[1], HasSubstr("did you mean info?"));
}

TEST(sidecar, rules_between_flags_hold_as_they_do_in_a_file) {
    auto flags = right();
    flags.key = {"/c/a.key", "/c/b.key"};
    EXPECT_THAT(lines(sidecar_document(flags)), ElementsAre(StartsWith("--key: as many keys as certificates")));
}

TEST(sidecar, what_is_wrong_with_a_file_is_told_by_the_flag_that_names_it) {
    auto flags = right();
    flags.certificate = {"/nowhere/a.crt"};
    flags.key.clear();
    const auto found = session::check_files(sidecar_document(flags));
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(config::to_string(found[0]), StartsWith("--cert: "));
    EXPECT_THAT(config::to_string(found[0]), HasSubstr("/nowhere/a.crt"));
}

TEST(sidecar, the_place_of_a_setting_is_its_flag) {
    const auto doc = sidecar_document(right());
    EXPECT_EQ(doc.place_of("servers[0].ssl.certificate[0]").file, "--cert");
    EXPECT_EQ(doc.place_of("servers[0].ssl.certificate_key[0]").file, "--key");
    EXPECT_EQ(doc.place_of("servers[0].listen[0]").file, "--listen");
    EXPECT_EQ(doc.place_of("servers[0].proxy_pass").file, "--proxy-pass");
    EXPECT_EQ(doc.place_of("servers[0].proxy_pass").line, 0);
    EXPECT_EQ(doc.place_of("servers[0]").file, "command line");
}

}  // namespace
}  // namespace postern::cli
