#include "proxy/cli/demo.hpp"

#include "proxy/session/snapshot.hpp"
#include "tests/proxy/cli/fake_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace postern::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

config::endpoint tcp(const std::string& host, std::uint16_t port) {
    config::endpoint e;
    e.host = host;
    e.port = port;
    return e;
}

TEST(demo, the_url_is_localhosts_where_localhost_leads_there) {
    EXPECT_EQ(demo_curl(tcp("127.0.0.1", 8443), "/t/ca.pem"), "curl --cacert /t/ca.pem https://localhost:8443/");
    EXPECT_EQ(demo_host(tcp("", 1)), "localhost");
    EXPECT_EQ(demo_host(tcp("::1", 1)), "localhost");
    EXPECT_EQ(demo_host(tcp("127.0.0.2", 1)), "127.0.0.2");
    EXPECT_EQ(demo_host(tcp("fd00::1", 1)), "[fd00::1]");
}

TEST(demo, the_certificate_names_the_host_of_the_url) {
    EXPECT_THAT(demo_names(tcp("127.0.0.1", 1)), ElementsAre("localhost", "127.0.0.1", "::1"));
    EXPECT_THAT(demo_names(tcp("fd00::1", 1)), Contains("fd00::1"));
}

TEST(demo, what_it_serves_is_a_configuration_without_a_problem_and_everything_goes_away) {
    std::filesystem::path folder;
    const test::fake_daemon daemon([&](const serve_options& options) {
        folder = std::filesystem::path(options.config_file).parent_path();
        const auto doc = options.load();
        EXPECT_THAT(doc.problems, IsEmpty());
        EXPECT_THAT(session::check_files(doc), IsEmpty());
        EXPECT_EQ(config::to_string(doc.settings.servers.at(0).listen.at(0)), "[::1]:9443");
        EXPECT_TRUE(std::filesystem::is_socket(doc.settings.servers.at(0).proxy_pass.address.path));
        options.on_ready();
        return 0;
    });
    const auto done = test::run({"demo", "--listen", "[::1]:9443"});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("  curl --cacert " + (folder / "ca.pem").string() + " https://localhost:9443/\n"));
    EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(demo, nothing_is_promised_before_it_is_ready) {
    const test::fake_daemon daemon([](const serve_options&) { return 71; });
    const auto done = test::run({"demo"});
    EXPECT_EQ(done.code, 71);
    EXPECT_THAT(done.out, IsEmpty());
}

}  // namespace
}  // namespace postern::cli
