// The relay over plain socket pairs: endings and backpressure, with the far ends in the test's hands.
#include "proxy/net/relay.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <optional>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;

namespace {

struct far_end {
    int fd = -1;
    ~far_end() { close(); }
    void close() {
        if (fd >= 0) ::close(fd);
        fd = -1;
    }
    void say(std::string_view text) const { ASSERT_EQ(::send(fd, text.data(), text.size(), 0), ssize_t(text.size())); }
    void finish() const { ::shutdown(fd, SHUT_WR); }
    // What has arrived; "<end>" after the last byte when the other side has finished.
    [[nodiscard]] std::string heard() const {
        std::string all;
        char buffer[4096];
        for (;;) {
            const ssize_t n = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
            if (n == 0) return all + "<end>";
            if (n < 0) return all;
            all.append(buffer, static_cast<std::size_t>(n));
        }
    }
};

struct relay_test : testing::Test {
    loop on;
    block_pool pool;
    deadlines& all = on.all_deadlines();
    far_end client, backend;
    std::unique_ptr<plain_stream> client_side, backend_side;
    std::unique_ptr<relay> between;
    byte_counts counts;
    std::optional<failure> ending;

    std::unique_ptr<plain_stream> connect_pair(far_end& far, int type = SOCK_STREAM) {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, fds), 0);
        far.close();
        far.fd = fds[0];
        return std::make_unique<plain_stream>(stream_socket(on, unique_fd(fds[1])));
    }

    void SetUp() override {
        client_side = connect_pair(client);
        backend_side = connect_pair(backend);
        start(1min);
    }

    void start(clock::duration idle) {
        between = std::make_unique<relay>(*client_side, *backend_side, pool, all, idle, &counts);
        on.spawn(between->run(), [this](const std::exception_ptr& e, failure f) {
            if (!e) ending = std::move(f);
        });
        settle();
    }

    void settle() {
        for (int i = 0; i < 50; ++i) on.turn({});
    }
};

}  // namespace

TEST_F(relay_test, bytes_go_both_ways) {
    client.say("question");
    settle();
    EXPECT_EQ(backend.heard(), "question");
    backend.say("answer");
    settle();
    EXPECT_EQ(client.heard(), "answer");
    EXPECT_EQ(between->from_client(), 8U);
    EXPECT_EQ(between->from_upstream(), 6U);
    EXPECT_FALSE(ending);
}

TEST_F(relay_test, bytes_are_counted_while_it_lasts) {
    client.say("question");
    backend.say("answer");
    settle();
    backend.say("more");
    settle();
    EXPECT_FALSE(ending);
    EXPECT_EQ(counts.from_client.value(), 8U);
    EXPECT_EQ(counts.to_client.value(), 10U);
}

TEST_F(relay_test, no_block_is_lent_while_both_sides_are_silent) {
    client.say("x");
    settle();
    EXPECT_EQ(pool.lent(), 0U);
}

TEST_F(relay_test, an_end_of_the_client_is_carried_over_while_the_answer_still_flows) {
    client.say("all of it");
    client.finish();
    settle();
    EXPECT_EQ(backend.heard(), "all of it<end>");
    EXPECT_FALSE(ending);
    backend.say("late answer");
    settle();
    EXPECT_EQ(client.heard(), "late answer");
    backend.finish();
    settle();
    EXPECT_EQ(client.heard(), "<end>");
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::closed);
}

TEST_F(relay_test, an_end_of_the_backend_is_carried_over_while_the_upload_still_flows) {
    backend.finish();
    settle();
    EXPECT_EQ(client.heard(), "<end>");
    client.say("more");
    settle();
    EXPECT_EQ(backend.heard(), "more");
    client.finish();
    settle();
    EXPECT_EQ(backend.heard(), "<end>");
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::closed);
}

TEST_F(relay_test, a_slow_reader_stops_the_other_side_and_memory_stays_bounded) {
    const std::string chunk(16 * 1024, 'x');
    std::size_t said = 0;
    for (int quiet = 0; quiet < 20;) {
        const ssize_t n = ::send(backend.fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (n > 0) said += static_cast<std::size_t>(n);
        quiet = n > 0 ? 0 : quiet + 1;
        settle();
    }
    EXPECT_LE(pool.lent(), 1U);
    std::size_t heard = 0;
    for (int quiet = 0; quiet < 20;) {
        const auto got = client.heard().size();
        heard += got;
        quiet = got > 0 ? 0 : quiet + 1;
        settle();
    }
    EXPECT_EQ(heard, said);
    EXPECT_EQ(pool.lent(), 0U);
}

TEST_F(relay_test, silence_in_both_directions_ends_it_after_the_idle_time) {
    const auto later = clock::now() + 2min;
    all.sweep(later);
    settle();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::idle_timeout);
    EXPECT_EQ(ending->by, party::postern);
}

TEST_F(relay_test, traffic_in_one_direction_keeps_it_alive) {
    const auto begin = clock::now();
    for (int i = 1; i <= 5; ++i) {
        all.sweep(begin + i * 40s);
        backend.say("tick");
        settle();
        EXPECT_EQ(client.heard(), "tick");
    }
    EXPECT_FALSE(ending);
}

TEST_F(relay_test, stopped_from_outside_it_ends_with_that_reason) {
    between->stop(party::postern, reason::drain_timeout);
    settle();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::drain_timeout);
}

TEST_F(relay_test, a_backend_that_vanishes_with_bytes_unread_has_reset_the_connection) {
    client.say("never read");
    settle();
    backend.close();
    settle();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::upstream_reset);
    EXPECT_EQ(ending->by, party::upstream);
}

TEST_F(relay_test, what_a_backend_said_before_it_vanished_arrives_and_its_end_is_known_for_a_reset) {
    client.say("unread");
    settle();
    backend.say("partial");
    backend.close();
    settle();
    EXPECT_EQ(client.heard(), "partial");
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::upstream_reset);
}

TEST_F(relay_test, a_socket_that_fails_by_itself_is_an_error_of_its_side_and_no_reset) {
    for (auto* const side : {&backend_side, &client_side}) {
        between->stop(party::postern, reason::stopped);
        settle();
        between.reset();
        client_side = connect_pair(client);
        backend_side = connect_pair(backend);
        // It takes no datagram of that size: EMSGSIZE.
        *side = connect_pair(side == &backend_side ? backend : client, SOCK_DGRAM);
        const int small = 4096;
        ASSERT_EQ(::setsockopt((*side)->socket().native_handle(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
        ending.reset();
        start(1min);
        const auto& other = side == &backend_side ? client : backend;
        other.say(std::string(64 * 1024, 'x'));
        settle();
        ASSERT_TRUE(ending);
        EXPECT_EQ(ending->by, side == &backend_side ? party::upstream : party::client);
        EXPECT_EQ(ending->why, side == &backend_side ? reason::upstream_error : reason::client_error);
        EXPECT_EQ(ending->detail, "Message too long");
    }
}

TEST_F(relay_test, a_client_that_vanishes_with_bytes_unread_has_reset_the_connection) {
    backend.say("never read");
    settle();
    client.close();
    settle();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->why, reason::client_reset);
}
