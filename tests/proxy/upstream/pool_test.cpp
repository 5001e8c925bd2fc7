// Kept connections over plain socket pairs, with the peer's ends in the test's hands.
#include "proxy/upstream/pool.hpp"

#include "proxy/net/stream.hpp"

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
    net::loop on;
    net::deadlines& all = on.all_deadlines();
    std::vector<int> far;

    ~pool_test() override {
        for (const int fd : far) ::close(fd);
    }
    net::stream_socket connection() {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        far.push_back(fds[0]);
        return net::stream_socket(on, net::unique_fd(fds[1]));
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

// As after an exchange: the response was waited for and read whole.
struct pool_after_a_turn : pool_test {
    pool p{settings(), all};
    void SetUp() override {
        auto s = connection();
        bool told = false;
        s.async_wait(net::direction::read, [&](net::error_code) { told = true; });
        ASSERT_EQ(::send(far[0], "x", 1, 0), 1);
        on.turn({});
        ASSERT_TRUE(told);
        char room[8];
        ASSERT_EQ(::recv(s.native_handle(), room, sizeof room, 0), 1);
        s.exhausted(net::direction::read);
        p.keep({std::move(s), "peer", 1}, peer(1));
    }
};

TEST_F(pool_after_a_turn, a_silent_peer_is_trusted) {
    on.turn({});
    EXPECT_TRUE(p.take(peer(1)));
}

TEST_F(pool_after_a_turn, a_peer_that_has_spoken_since_is_not) {
    ASSERT_EQ(::send(far[0], "x", 1, 0), 1);
    on.turn({});
    EXPECT_FALSE(p.take(peer(1)));
}

TEST_F(pool_after_a_turn, a_peer_that_has_spoken_within_the_turn_is_not) {
    ASSERT_EQ(::send(far[0], "x", 1, 0), 1);
    EXPECT_FALSE(p.take(peer(1)));
}

TEST_F(pool_after_a_turn, a_peer_that_has_closed_is_not) {
    ::shutdown(far[0], SHUT_WR);
    on.turn({});
    EXPECT_FALSE(p.take(peer(1)));
}

TEST_F(pool_test, bytes_that_were_left_unread_count_as_spoken) {
    pool p(settings(), all);
    net::plain_stream s(connection());
    s.socket().async_wait(net::direction::read, [](net::error_code) {});
    ASSERT_EQ(::send(far[0], "answer and more", 15, 0), 15);
    on.turn({});
    std::array<std::uint8_t, 6> room;
    ASSERT_EQ(s.read_some(room).bytes, 6U);
    p.keep({std::move(s.socket()), "peer", 1}, peer(1));
    on.turn({});
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
