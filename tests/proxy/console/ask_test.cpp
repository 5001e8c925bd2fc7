#include "proxy/console/ask.hpp"

#include "proxy/net/socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace postern::console {
namespace {

using net::asio::ip::tcp;

struct listening {
    explicit listening(int backlog) {
        acceptor.open(tcp::v4());
        acceptor.bind({net::asio::ip::address_v4::loopback(), 0});
        acceptor.listen(backlog);
        where = upstream::address(*acceptor.local_endpoint().data());
    }
    net::asio::io_context context;
    tcp::acceptor acceptor{context};
    upstream::address where;
};

// To connect to it neither succeeds nor fails.
struct silent : listening {
    silent() : listening(0) {
        for (int i = 0; i < 4; ++i) fillers.push_back(std::move(*net::begin_connect(where.data(), where.size())));
    }
    std::vector<net::unique_fd> fillers;
};

// Answers one request, after a while.
struct answering : listening {
    explicit answering(std::chrono::seconds a_while = {}) : listening(1), thinks(a_while) {}
    ~answering() {
        // Wakes who still waits for somebody.
        ::shutdown(acceptor.native_handle(), SHUT_RDWR);
        talks.join();
    }
    void talk() {
        net::error_code ignored;
        auto connection = acceptor.accept(ignored);
        net::asio::streambuf request;
        net::asio::read_until(connection, request, "\r\n\r\n", ignored);
        std::this_thread::sleep_for(thinks);
        const std::string says = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        net::asio::write(connection, net::asio::buffer(says), ignored);
    }
    std::chrono::seconds thinks;
    std::thread talks{[this] { talk(); }};
};

}  // namespace

TEST(ask, an_address_that_is_silent_leaves_the_others_their_share_of_the_time) {
    silent first;
    answering last(std::chrono::seconds(1));
    const auto answer = ask_status_now({"app.example:9901", {first.where, last.where}});
    ASSERT_TRUE(answer) << answer.error().why;
    EXPECT_EQ(*answer, "{}");
}

TEST(ask, an_address_that_is_connected_to_has_all_of_the_time_that_is_left) {
    answering first(std::chrono::seconds(3));
    silent last;
    const auto answer = ask_status_now({"app.example:9901", {first.where, last.where}});
    ASSERT_TRUE(answer) << answer.error().why;
    EXPECT_EQ(*answer, "{}");
}

}  // namespace postern::console
