#include "proxy/ops/admin.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

using namespace postern;
using namespace postern::ops;
using namespace postern::test;

namespace {

config::endpoint at_path(const std::string& path) {
    config::endpoint e;
    e.type = config::endpoint::kind::unix_socket;
    e.path = path;
    return e;
}

config::endpoint at_port(std::uint16_t port) {
    config::endpoint e;
    e.host = "127.0.0.1";
    e.port = port;
    return e;
}

// An admin listener whose /readyz says what `ready` holds.
class listening {
public:
    explicit listening(const config::endpoint& where) {
        loop_.run([&] {
            server_.emplace(loop_.context(), where,
                            admin::pages{{"/healthz",
                                          [] {
                                              return page{200, "text/plain", "ok\n"};
                                          }},
                                         {"/readyz", [this] { return ready; }}});
        });
    }
    ~listening() {
        loop_.run([&] { server_.reset(); });
    }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;
    running_loop& loop() { return loop_; }

    page ready{503, "text/plain", "starting\n"};

private:
    running_loop loop_;
    std::optional<admin> server_;
};

std::string get(std::string_view path, std::string_view more = "Connection: close\r\n") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

std::string ask(std::uint16_t port, std::string_view request) {
    const auto client = connect_to_port(port);
    send_all(client, request);
    return receive_all(client);
}

}  // namespace

TEST(admin, health_and_readiness_are_pages_made_for_each_request) {
    const auto port = free_port();
    listening to(at_port(port));
    const auto health = ask(port, get("/healthz"));
    EXPECT_TRUE(health.starts_with("HTTP/1.1 200 OK\r\n")) << health;
    EXPECT_TRUE(health.ends_with("\r\n\r\nok\n")) << health;
    const auto starting = ask(port, get("/readyz?verbose"));
    EXPECT_TRUE(starting.starts_with("HTTP/1.1 503 ")) << starting;
    EXPECT_TRUE(starting.ends_with("starting\n"));
    to.loop().run([&] { to.ready = {200, "text/plain", "ready\n"}; });
    EXPECT_TRUE(ask(port, get("/readyz")).starts_with("HTTP/1.1 200 "));
}

TEST(admin, head_has_the_length_and_no_body) {
    const auto port = free_port();
    const listening to(at_port(port));
    const auto answer = ask(port, "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("Content-Length: 3\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(admin, other_paths_are_404_and_other_methods_405_even_with_a_body) {
    const auto port = free_port();
    const listening to(at_port(port));
    EXPECT_TRUE(ask(port, get("/")).starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(ask(port, get("/healthz/")).starts_with("HTTP/1.1 404 "));
    const auto post = ask(port, "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 39\r\n\r\n" + get("/healthz"));
    EXPECT_TRUE(post.starts_with("HTTP/1.1 405 ")) << post;
    EXPECT_NE(post.find("Allow: GET, HEAD\r\n"), std::string::npos);
    EXPECT_EQ(post.find("200"), std::string::npos) << "the body was taken for a request";
}

TEST(admin, a_browser_is_told_to_run_nothing_but_the_listener_s_own_files_and_to_guess_no_types) {
    const auto port = free_port();
    const listening to(at_port(port));
    for (const auto* path : {"/healthz", "/nothing"})
        for (const auto* header :
             {"Content-Security-Policy: default-src 'none'; script-src 'self'; ", "frame-ancestors 'none'",
              "X-Content-Type-Options: nosniff\r\n", "Cache-Control: no-store\r\n",
              "Cross-Origin-Resource-Policy: same-origin\r\n", "Referrer-Policy: no-referrer\r\n"})
            EXPECT_NE(ask(port, get(path)).find(header), std::string::npos) << path << header;
}

TEST(admin, on_loopback_a_name_that_a_stranger_can_own_is_refused_and_a_unix_socket_has_any_name) {
    const auto port = free_port();
    const listening to(at_port(port));
    const std::string stranger = "GET /healthz HTTP/1.1\r\nHost: rebound.example.org\r\nConnection: close\r\n\r\n";
    EXPECT_TRUE(ask(port, stranger).starts_with("HTTP/1.1 421 "));
    EXPECT_TRUE(ask(port, "GET /healthz HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n")
                    .starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(ask(port, "GET /healthz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 ")) << "without a name";
    const temporary_folder folder;
    const listening local(at_path(folder / "admin"));
    const auto client = connect_to_path(folder / "admin");
    send_all(client, stranger);
    EXPECT_TRUE(receive_all(client).starts_with("HTTP/1.1 200 "));
}

TEST(admin, a_connection_serves_many_requests_also_when_they_come_at_once) {
    const auto port = free_port();
    const listening to(at_port(port));
    const auto answer = ask(port, get("/healthz", "") + get("/nothing", "") + get("/healthz"));
    EXPECT_NE(answer.find("404 Not Found"), std::string::npos) << answer;
    EXPECT_NE(answer.find("ok\nHTTP/1.1 404"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("ok\n"));
}

TEST(admin, a_head_larger_than_8_kib_is_not_read_on) {
    const auto port = free_port();
    const listening to(at_port(port));
    EXPECT_TRUE(ask(port, get("/healthz", "X: " + std::string(7000, 'x') + "\r\nConnection: close\r\n"))
                    .starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(ask(port, get("/healthz", "X: " + std::string(9000, 'x') + "\r\n")), "");
    EXPECT_EQ(ask(port, "\x16\x03\x01 this is no HTTP\r\n\r\n"), "");
}

TEST(admin, the_sixty_fifth_connection_is_closed_and_the_next_one_after_an_end_is_served) {
    const auto port = free_port();
    const listening to(at_port(port));
    std::vector<net::unique_fd> open;
    for (int i = 0; i < 64; ++i) {
        open.push_back(connect_to_port(port));
        send_all(open.back(), get("/healthz", ""));
        ASSERT_EQ(receive(open.back(), 4), "HTTP");
    }
    EXPECT_EQ(ask(port, get("/healthz")), "");
    open.pop_back();
    EXPECT_TRUE(until([&] { return ask(port, get("/healthz")).starts_with("HTTP/1.1 200 "); }));
}

TEST(admin, who_says_nothing_is_closed_after_ten_seconds) {
    const auto port = free_port();
    const listening to(at_port(port));
    const auto client = connect_to_port(port);
    const timeval limit{30, 0};
    ::setsockopt(client.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    send_all(client, "GET /hea");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(receive_all(client), "");
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_GT(took, std::chrono::seconds(8));
    EXPECT_LT(took, std::chrono::seconds(25));
}

TEST(admin, a_unix_socket_is_for_user_and_group_and_goes_with_its_listener) {
    const temporary_folder folder;
    {
        const listening to(at_path(folder / "admin"));
        struct stat facts {};
        ASSERT_EQ(::stat((folder / "admin").c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777, 0660U);
        const auto client = connect_to_path(folder / "admin");
        send_all(client, get("/healthz"));
        EXPECT_TRUE(receive_all(client).starts_with("HTTP/1.1 200 "));
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "admin"));
}

TEST(admin, a_unix_socket_that_was_left_behind_is_replaced) {
    const temporary_folder folder;
    const auto address = unix_address(folder / "admin");
    {
        const net::unique_fd left(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(::bind(left.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(::listen(left.value(), 1), 0);
    }
    const listening to(at_path(folder / "admin"));
    EXPECT_GE(connect_to_path(folder / "admin").value(), 0);
}

TEST(admin, a_unix_socket_that_somebody_serves_or_a_file_is_left_alone) {
    const temporary_folder folder;
    const listening first(at_path(folder / "admin"));
    net::asio::io_context context;
    EXPECT_THROW(admin(context, at_path(folder / "admin"), {}), boost::system::system_error);
    EXPECT_GE(connect_to_path(folder / "admin").value(), 0);
    ASSERT_EQ(::mkdir((folder / "file").c_str(), 0700), 0);
    EXPECT_THROW(admin(context, at_path(folder / "file"), {}), boost::system::system_error);
    EXPECT_TRUE(std::filesystem::is_directory(folder / "file"));
}

TEST(admin, an_address_that_is_taken_is_named) {
    const auto port = free_port();
    const listening first(at_port(port));
    net::asio::io_context context;
    try {
        const admin second(context, at_port(port), {});
        FAIL() << "listened twice";
    } catch (const boost::system::system_error& e) {
        EXPECT_EQ(std::string(e.what()).find("admin.listen: 127.0.0.1:" + std::to_string(port)), 0U) << e.what();
        EXPECT_EQ(e.code(), boost::system::errc::address_in_use);
    }
}
