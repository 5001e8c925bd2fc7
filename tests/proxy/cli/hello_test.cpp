#include "proxy/cli/hello.hpp"
#include "proxy/cli/private_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

namespace postern::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(hello_page, it_says_hello_and_how_the_request_arrived) {
    const auto page = hello_answer("GET /some/path HTTP/1.1\r\nHost: localhost:8443\r\n\r\n");
    EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(page, HasSubstr("Hello"));
    EXPECT_THAT(page, HasSubstr("unix socket"));
    EXPECT_THAT(page, HasSubstr("GET /some/path HTTP/1.1\n    Host: localhost:8443\n"));
}

TEST(hello_page, its_length_is_the_one_it_announces) {
    const auto page = hello_answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto body = page.substr(page.find("\r\n\r\n") + 4);
    EXPECT_THAT(page, HasSubstr("Content-Length: " + std::to_string(body.size()) + "\r\n"));
    EXPECT_THAT(page, HasSubstr("Connection: close\r\n"));
}

TEST(hello_page, head_gets_no_body) {
    EXPECT_THAT(hello_answer("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("\r\n\r\n"));
}

TEST(hello_page, what_is_not_text_is_not_repeated) {
    const auto page = hello_answer("GET / HTTP/1.1\r\nX: \x1b[2J\xff\r\n\r\n");
    EXPECT_THAT(page, Not(HasSubstr("\x1b")));
    EXPECT_THAT(page, HasSubstr("X: ?[2J?"));
}

TEST(hello_page, what_is_not_http_is_refused) {
    EXPECT_THAT(hello_answer("hello?\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

class visit {
public:
    explicit visit(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        connected = ::connect(fd_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        // A backend that never answers fails the test, and does not hang it.
        const timeval limit{20, 0};
        ::setsockopt(fd_.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    void send(std::string_view text) const {
        EXPECT_EQ(::send(fd_.value(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }
    [[nodiscard]] std::string until_end() const {
        std::string all;
        char buffer[4096];
        ssize_t got = 0;
        while ((got = ::recv(fd_.value(), buffer, sizeof buffer, 0)) > 0)
            all.append(buffer, static_cast<std::size_t>(got));
        return got == 0 ? all : all + "(not ended)";
    }
    bool connected = false;

private:
    net::unique_fd fd_;
};

class hello_backend_ : public testing::Test {
protected:
    private_folder folder_;
    std::string path_ = folder_.path() / "hello.sock";
    hello_backend backend_{path_};
};

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(hello_backend_, it_answers_and_ends_the_connection) {
    const visit v(path_);
    v.send(request);
    EXPECT_EQ(v.until_end(), hello_answer(request));
}

TEST_F(hello_backend_, a_request_may_come_byte_by_byte) {
    const visit v(path_);
    for (const char c : request) v.send({&c, 1});
    EXPECT_EQ(v.until_end(), hello_answer(request));
}

TEST_F(hello_backend_, a_silent_visitor_does_not_hold_up_the_next) {
    const visit silent(path_);
    ASSERT_TRUE(silent.connected);
    const visit v(path_);
    v.send(request);
    EXPECT_EQ(v.until_end(), hello_answer(request));
}

TEST_F(hello_backend_, a_body_that_nobody_reads_does_not_cost_the_answer) {
    const visit v(path_);
    const std::string post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65536\r\n\r\n";
    v.send(post + std::string(65536, 'x'));
    EXPECT_EQ(v.until_end(), hello_answer(post));
}

TEST_F(hello_backend_, a_head_without_an_end_is_refused) {
    const visit v(path_);
    v.send("GET / HTTP/1.1\r\nX: " + std::string(std::size_t{20} * 1024, 'x'));
    EXPECT_THAT(v.until_end(), StartsWith("HTTP/1.1 431 "));
}

TEST(private_folder, nobody_else_can_look_into_it_and_it_is_gone_at_the_end) {
    std::filesystem::path was;
    {
        const private_folder folder;
        was = folder.path();
        struct stat seen {};
        ASSERT_EQ(::stat(was.c_str(), &seen), 0);
        EXPECT_EQ(seen.st_mode & 07777U, 0700U);
        const auto file = folder.write("key", "secret");
        ASSERT_EQ(::stat(file.c_str(), &seen), 0);
        EXPECT_EQ(seen.st_mode & 07777U, 0600U);
        std::ifstream in(file);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "secret");
        EXPECT_THROW(folder.write("key", "again"), std::system_error);
    }
    EXPECT_FALSE(std::filesystem::exists(was));
}

TEST(private_folder, a_tmpdir_too_long_for_a_socket_is_passed_over) {
    const private_folder outer;
    const auto deep = outer.path() / std::string(100, 'd');
    std::filesystem::create_directory(deep);
    const char* before = std::getenv("TMPDIR");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("TMPDIR", deep.c_str(), 1);
    {
        const private_folder folder;
        EXPECT_THAT(folder.path().string(), StartsWith("/tmp/"));
        EXPECT_NO_THROW(hello_backend(folder.path() / "hello.sock"));
    }
    if (before == nullptr)
        ::unsetenv("TMPDIR");
    else
        ::setenv("TMPDIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace postern::cli
