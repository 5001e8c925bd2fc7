// Kept connections over plain socket pairs, with the peer's ends in the test's hands.
#include "proxy/upstream/pool.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

using namespace postern;
using namespace postern::upstream;
using namespace std::chrono_literals;

namespace {

config::upstream settings(std::size_t keepalive = 2, unsigned requests = 1000, config::milliseconds time = 60s) {
    config::upstream u;
    u.keepalive = keepalive;
    u.keepalive_requests = requests;
    u.keepalive_timeout = time;
    return u;
}

address peer(std::uint16_t port) {
    config::endpoint e;
    e.host = "127.0.0.1";
    e.port = port;
    return *to_address(e);
}

struct pool_test : testing::Test {
    net::asio::io_context context{1};
    net::deadlines all{context};
    std::vector<int> far;

    ~pool_test() override {
        for (const int fd : far) ::close(fd);
    }
    net::stream_socket connection() {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        far.push_back(fds[0]);
        net::stream_socket s(context.get_executor());
        s.assign(net::asio::generic::stream_protocol(AF_UNIX, 0), fds[1]);
        return s;
    }
};

}  // namespace

TEST_F(pool_test, the_connection_that_was_used_last_is_taken_first_and_once) {
    pool p(settings(), all);
    p.keep({connection(), "peer", 1}, peer(1));
    p.keep({connection(), "peer", 7}, peer(1));
    EXPECT_EQ(p.take(peer(1))->served, 7U);
    EXPECT_EQ(p.take(peer(1))->served, 1U);
    EXPECT_FALSE(p.take(peer(1)));
}

TEST_F(pool_test, a_connection_serves_its_own_peer_alone) {
    pool p(settings(), all);
    p.keep({connection(), "peer", 1}, peer(1));
    EXPECT_FALSE(p.take(peer(2)));
    EXPECT_TRUE(p.take(peer(1)));
}

TEST_F(pool_test, the_one_that_waits_longest_makes_room) {
    pool p(settings(2), all);
    for (const unsigned served : {1U, 2U, 3U}) p.keep({connection(), "peer", served}, peer(1));
    EXPECT_EQ(p.size(), 2U);
    EXPECT_EQ(p.take(peer(1))->served, 3U);
    EXPECT_EQ(p.take(peer(1))->served, 2U);
}

TEST_F(pool_test, a_connection_that_the_peer_has_closed_is_not_given_out) {
    pool p(settings(), all);
    p.keep({connection(), "peer", 1}, peer(1));
    p.keep({connection(), "peer", 2}, peer(1));
    ::shutdown(far[1], SHUT_RDWR);
    EXPECT_EQ(p.take(peer(1))->served, 1U);
    EXPECT_EQ(p.size(), 0U);
}

TEST_F(pool_test, a_peer_that_speaks_unasked_is_not_sent_a_request) {
    pool p(settings(), all);
    p.keep({connection(), "peer", 1}, peer(1));
    ASSERT_EQ(::send(far[0], "x", 1, 0), 1);
    EXPECT_FALSE(p.take(peer(1)));
}

TEST_F(pool_test, a_connection_that_has_served_enough_is_closed) {
    pool p(settings(2, 3), all);
    p.keep({connection(), "peer", 3}, peer(1));
    EXPECT_EQ(p.size(), 0U);
    p.keep({connection(), "peer", 2}, peer(1));
    EXPECT_EQ(p.size(), 1U);
}

TEST_F(pool_test, nothing_is_kept_where_nothing_shall_be) {
    pool none(settings(0), all);
    none.keep({connection(), "peer", 1}, peer(1));
    EXPECT_EQ(none.size(), 0U);
    pool no_time(settings(2, 1000, 0ms), all);
    no_time.keep({connection(), "peer", 1}, peer(1));
    EXPECT_EQ(no_time.size(), 0U);
}

TEST_F(pool_test, the_sweep_closes_what_waited_too_long_or_is_closed_by_its_peer) {
    pool p(settings(2, 1000, 1h), all);
    p.keep({connection(), "peer", 1}, peer(1));
    p.keep({connection(), "peer", 2}, peer(1));
    ::shutdown(far[0], SHUT_RDWR);
    all.sweep(net::clock::now() + 2s);
    EXPECT_EQ(p.size(), 1U);
    pool brief(settings(2, 1000, 1ms), all);
    brief.keep({connection(), "peer", 1}, peer(1));
    const auto begun = net::clock::now();
    while (net::clock::now() < begun + 5ms) {}
    all.sweep(net::clock::now() + 10s);
    EXPECT_EQ(brief.size(), 0U);
}
