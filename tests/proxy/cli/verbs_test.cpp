#include "certs/make.hpp"
#include "proxy/cli/private_folder.hpp"
#include "tests/proxy/cli/fake_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <stdexcept>

namespace postern::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class verbs : public testing::Test {
protected:
    void SetUp() override {
        const certs::development_authority authority;
        const auto site = authority.issue({});
        folder_.write("site.crt", site.certificate);
        folder_.write("site.key", site.key);
    }
    std::string file(const std::string& text) { return folder_.write("postern.yaml", text).string(); }
    static std::string server(const std::string& more, const std::string& certificate = "site.crt") {
        return "servers:\n  - listen: 127.0.0.1:8443\n    ssl:\n      certificate: " + certificate +
               "\n      certificate_key: site.key\n    " + more + "\n";
    }

    private_folder folder_;
};

TEST_F(verbs, check_prints_what_would_be_served) {
    const auto done = test::run({"check", "-c", file(server("proxy_pass: tcp://127.0.0.1:9001"))});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_THAT(done.err, IsEmpty());
    EXPECT_THAT(done.out, HasSubstr("127.0.0.1:8443"));
    EXPECT_THAT(done.out, HasSubstr("tcp://127.0.0.1:9001"));
    EXPECT_THAT(done.out, Not(HasSubstr("refused by")));
}

TEST_F(verbs, check_prints_all_problems_to_stderr_and_no_summary) {
    const auto name = file("workers: many\n" + server("proxy_pass: tcp://nowhere", "missing.crt"));
    const auto done = test::run({"check", "-c", name});
    EXPECT_EQ(done.code, EX_CONFIG);
    EXPECT_THAT(done.out, IsEmpty());
    EXPECT_THAT(done.err, HasSubstr(name + ":1:10: workers: "));
    EXPECT_THAT(done.err, HasSubstr(name + ":7:"));
    EXPECT_THAT(done.err, HasSubstr("missing.crt"));
}

TEST_F(verbs, check_can_leave_the_files_alone) {
    const auto name = file(server("proxy_pass: tcp://127.0.0.1:9001", "missing.crt"));
    EXPECT_EQ(test::run({"check", "-c", name}).code, EX_CONFIG);
    EXPECT_EQ(test::run({"check", "--no-files", "-c", name}).code, 0);
}

TEST_F(verbs, check_reads_authorities_too) {
    const std::string guarded = "  client_certificate: missing.crt\n      verify_client: on\n    ";
    const auto done = test::run({"check", "-c", file(server(guarded + "proxy_pass: http://127.0.0.1:9001"))});
    EXPECT_EQ(done.code, EX_CONFIG);
    EXPECT_THAT(done.err, HasSubstr("servers[0].ssl.client_certificate"));
}

TEST_F(verbs, check_shows_warnings_and_succeeds) {
    const auto name = file(server("proxy_pass: tcp://127.0.0.1:9001"));
    std::filesystem::permissions(folder_.path() / "site.key", std::filesystem::perms{0644});
    const auto done = test::run({"check", "-c", name});
    EXPECT_EQ(done.code, 0);
    EXPECT_THAT(done.err, HasSubstr("warning: "));
    EXPECT_THAT(done.out, HasSubstr("127.0.0.1:8443"));
}

TEST_F(verbs, check_of_a_missing_file_is_one_line) {
    const auto done = test::run({"check", "-c", folder_.path() / "nothing.yaml"});
    EXPECT_EQ(done.code, EX_CONFIG);
    EXPECT_THAT(done.err, HasSubstr("nothing.yaml"));
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1);
}

TEST_F(verbs, serve_reads_its_file_anew_each_time) {
    const auto name = file(server("proxy_pass: tcp://127.0.0.1:9001"));
    const test::fake_daemon daemon([&](const serve_options& options) {
        EXPECT_EQ(options.config_file, name);
        EXPECT_THAT(options.load().problems, IsEmpty());
        std::filesystem::remove(name);
        EXPECT_TRUE(config::has_error(options.load().problems));
        return 78;
    });
    EXPECT_EQ(test::run({"serve", "-c", name}).code, 78);
}

TEST_F(verbs, serve_of_a_sidecar_has_no_file_to_be_found_by) {
    bool served = false;
    const test::fake_daemon daemon([&](const serve_options& options) {
        served = true;
        EXPECT_EQ(options.config_file, "");
        EXPECT_EQ(options.load().settings.servers.at(0).listen.at(0).port, 443);
        return 0;
    });
    const auto done = test::run({"serve", "--listen", "443", "--cert", "a", "--proxy-pass", "tcp://127.0.0.1:80"});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_TRUE(served);
}

TEST_F(verbs, what_is_thrown_ends_in_one_line) {
    const test::fake_daemon daemon([](const serve_options&) -> int { throw std::runtime_error("the sky fell"); });
    const auto done = test::run({"serve"});
    EXPECT_EQ(done.code, EX_SOFTWARE);
    EXPECT_EQ(done.err, "postern: the sky fell\n");
}

TEST_F(verbs, reload_without_a_daemon_says_so) {
    const auto name = (folder_.path() / "postern.yaml").string();
    const auto done = test::run({"reload", "-c", name});
    EXPECT_EQ(done.code, EX_UNAVAILABLE);
    EXPECT_THAT(done.err, HasSubstr(name));
    EXPECT_THAT(done.out, IsEmpty());
}

TEST_F(verbs, the_reference_is_printed_in_each_format) {
    EXPECT_THAT(test::run({"reference"}).out, HasSubstr("session_tickets"));
    EXPECT_THAT(test::run({"reference", "--format", "yaml"}).out, HasSubstr("# workers: auto"));
    EXPECT_THAT(test::run({"reference", "--format", "schema"}).out, StartsWith("{"));
}

TEST_F(verbs, the_version_names_the_libraries_and_the_table) {
    const auto done = test::run({"version"});
    EXPECT_EQ(done.code, 0);
    EXPECT_THAT(done.out, StartsWith("postern 0."));
    for (const auto* word : {"OpenSSL 3.", "Boost 1.", "c-ares 1.", "spdlog 1.", "yaml-cpp 0.", "\nkernel   landlock "})
        EXPECT_THAT(done.out, HasSubstr(word));
}

TEST_F(verbs, output_that_cannot_be_written_is_no_success) {
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(run({"reference"}, {out, err}), EX_IOERR);
    EXPECT_THAT(err.str(), HasSubstr("standard output"));
}

}  // namespace
}  // namespace postern::cli
