// The loop over socket pairs: when a wait ends, and what a wait that nobody needs any more does.
#include "proxy/net/readiness.hpp"
#include "proxy/net/stream_socket.hpp"

#include <gtest/gtest.h>

#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace postern::net;
using namespace std::chrono_literals;

namespace {

struct loop_test : testing::Test {
    loop on;
    int far = -1;
    std::vector<std::string> told;

    ~loop_test() override { close_far(); }

    void close_far() {
        if (far >= 0) ::close(far);
        far = -1;
    }

    stream_socket connection() {
        close_far();
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        far = fds[0];
        return stream_socket(on, unique_fd(fds[1]));
    }

    void wait(stream_socket& s, direction to, const char* name) {
        s.async_wait(to, [this, name](error_code e) { told.push_back(name + std::string(e ? " aborted" : "")); });
    }

    void say(std::string_view text) const { EXPECT_EQ(::send(far, text.data(), text.size(), 0), ssize_t(text.size())); }

    static void hear(const stream_socket& s) {
        char room[64];
        static_cast<void>(::recv(s.native_handle(), room, sizeof room, MSG_DONTWAIT));
    }

    void settle() {
        for (int i = 0; i < 5; ++i) on.turn({});
    }

    // Begins within a turn of run() what ends at once.
    void wait_forever_unless_told() {
        on.later(completion::of([this](error_code) {
            on.spawn(nothing(), [this](const std::exception_ptr&) {
                told.emplace_back("ended");
                on.leave();
            });
        }));
    }

    static task<> nothing() { co_return; }

    using names = std::vector<std::string>;
};

}  // namespace

TEST_F(loop_test, a_wait_ends_once_and_never_inside_the_call_that_begins_it) {
    auto s = connection();
    say("x");
    wait(s, direction::read, "read");
    EXPECT_EQ(told, names{});
    settle();
    EXPECT_EQ(told, names{"read"});
}

TEST_F(loop_test, what_came_while_nobody_waited_ends_the_next_wait) {
    auto s = connection();
    wait(s, direction::read, "first");
    say("x");
    settle();
    hear(s);
    s.exhausted(direction::read);
    say("y");
    settle();
    wait(s, direction::read, "second");
    settle();
    EXPECT_EQ(told, (names{"first", "second"}));
}

TEST_F(loop_test, what_has_been_read_already_ends_no_wait) {
    auto s = connection();
    wait(s, direction::read, "first");
    say("x");
    settle();
    say("y");
    settle();
    hear(s);
    s.exhausted(direction::read);
    wait(s, direction::read, "second");
    settle();
    EXPECT_EQ(told, names{"first"});
}

TEST_F(loop_test, a_reader_and_a_writer_wait_side_by_side) {
    auto s = connection();
    wait(s, direction::read, "read");
    wait(s, direction::write, "write");
    settle();
    EXPECT_EQ(told, names{"write"});
    say("x");
    settle();
    EXPECT_EQ(told, (names{"write", "read"}));
}

TEST_F(loop_test, two_that_wait_for_writing_both_go_on) {
    auto s = connection();
    wait(s, direction::write, "one");
    wait(s, direction::write, "two");
    settle();
    EXPECT_EQ(told, (names{"one", "two"}));
}

TEST_F(loop_test, room_to_write_ends_the_wait_of_who_filled_the_socket) {
    auto s = connection();
    const std::string much(64 * 1024, 'x');
    while (::send(s.native_handle(), much.data(), much.size(), MSG_DONTWAIT) > 0) {}
    s.exhausted(direction::write);
    wait(s, direction::write, "write");
    settle();
    EXPECT_EQ(told, names{});
    std::string room(1 << 20, ' ');
    while (::recv(far, room.data(), room.size(), MSG_DONTWAIT) > 0) {}
    settle();
    EXPECT_EQ(told, names{"write"});
}

TEST_F(loop_test, an_end_that_was_reported_once_is_found_by_every_later_wait) {
    auto s = connection();
    wait(s, direction::read, "first");
    ::shutdown(far, SHUT_WR);
    settle();
    EXPECT_TRUE(s.hung_up());
    s.exhausted(direction::read);
    wait(s, direction::read, "second");
    settle();
    EXPECT_EQ(told, (names{"first", "second"}));
}

TEST_F(loop_test, an_end_behind_bytes_that_were_read_in_one_go_is_reported_still) {
    auto s = connection();
    say("last words");
    ::shutdown(far, SHUT_WR);
    hear(s);
    s.exhausted(direction::read);
    wait(s, direction::read, "end");
    settle();
    EXPECT_EQ(told, names{"end"});
}

TEST_F(loop_test, cancel_ends_every_wait_in_a_later_turn) {
    auto s = connection();
    wait(s, direction::read, "read");
    settle();
    s.cancel();
    EXPECT_EQ(told, names{});
    settle();
    EXPECT_EQ(told, names{"read aborted"});
}

TEST_F(loop_test, close_ends_every_wait_also_one_that_is_over_already) {
    auto s = connection();
    s.still_readable();
    wait(s, direction::read, "read");
    s.close();
    settle();
    EXPECT_EQ(told, names{"read aborted"});
}

TEST_F(loop_test, a_handler_may_close_the_socket_that_others_are_told_of_in_the_same_turn) {
    auto one = connection();
    const int far_of_one = std::exchange(far, -1);
    auto two = connection();
    one.async_wait(direction::read, [&](error_code e) {
        if (!e) told.emplace_back("one");
        two.close();
    });
    two.async_wait(direction::read, [&](error_code e) {
        if (!e) told.emplace_back("two");
        one.close();
    });
    say("x");
    EXPECT_EQ(::send(far_of_one, "x", 1, 0), 1);
    settle();
    EXPECT_EQ(told.size(), 1U);
    ::close(far_of_one);
}

TEST_F(loop_test, a_socket_may_move_while_somebody_waits) {
    auto s = connection();
    wait(s, direction::read, "read");
    stream_socket moved = std::move(s);
    say("x");
    settle();
    EXPECT_EQ(told, names{"read"});
}

TEST_F(loop_test, a_socket_that_is_assigned_over_is_closed) {
    auto s = connection();
    wait(s, direction::read, "read");
    s = stream_socket(on);
    settle();
    EXPECT_EQ(told, names{"read aborted"});
    char byte = 0;
    EXPECT_EQ(::recv(far, &byte, 1, MSG_DONTWAIT), 0);
}

TEST_F(loop_test, later_comes_after_what_is_ready_now) {
    auto s = connection();
    wait(s, direction::read, "read");
    say("x");
    on.later(completion::of([&](error_code) { told.emplace_back("later"); }));
    settle();
    EXPECT_EQ(told, (names{"read", "later"}));
}

TEST_F(loop_test, one_that_comes_again_and_again_starves_nobody) {
    int times = 0;
    std::function<void()> again = [&] {
        ++times;
        on.later(completion::of([&](error_code) { again(); }));
    };
    again();
    auto s = connection();
    wait(s, direction::read, "read");
    say("x");
    on.turn({});
    on.turn({});
    EXPECT_EQ(told, names{"read"});
    EXPECT_LE(times, 3);
}

TEST_F(loop_test, another_thread_wakes_it_up) {
    std::thread other([&] {
        on.post([&] {
            told.emplace_back("posted");
            on.leave();
        });
    });
    on.run();
    other.join();
    EXPECT_EQ(told, names{"posted"});
}

TEST_F(loop_test, what_many_threads_post_is_all_done) {
    constexpr int threads = 4;
    constexpr int each = 2000;
    int done = 0;
    std::vector<std::thread> others;
    others.reserve(threads);
    for (int i = 0; i < threads; ++i)
        others.emplace_back([&] {
            for (int n = 0; n < each; ++n)
                on.post([&] {
                    if (++done == threads * each) on.leave();
                });
        });
    on.run();
    for (auto& t : others) t.join();
    EXPECT_EQ(done, threads * each);
}

TEST_F(loop_test, deadlines_expire_while_nothing_else_happens) {
    struct ends final : deadline {
        explicit ends(loop& l) : on(l) {}
        void expired() override { on.leave(); }
        loop& on;
    } d(on);
    d.arm(on.all_deadlines(), 50ms);
    on.run();
    EXPECT_FALSE(on.all_deadlines().next_sweep());
}

TEST_F(loop_test, a_coroutine_that_never_waits_is_known_to_have_ended) {
    wait_forever_unless_told();
    on.run();
    EXPECT_EQ(told, names{"ended"});
}

TEST_F(loop_test, a_coroutine_that_sleeps_goes_on) {
    on.spawn(sleep_for(on, 10ms), [&](const std::exception_ptr&) { on.leave(); });
    on.run();
}

// Found by AddressSanitizer, if it is not so: the handlers hold what they will never be called with.
TEST(a_loop, that_ends_destroys_whoever_waits) {
    auto token = std::make_shared<int>(0);
    {
        loop on;
        int fds[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        // The handler owns its own socket, as a coroutine's frame does.
        struct frame {
            stream_socket socket;
            std::shared_ptr<int> token;
        };
        auto held = std::make_shared<frame>(frame{stream_socket(on, unique_fd(fds[1])), token});
        auto& s = held->socket;
        s.async_wait(direction::read, [held = std::move(held)](error_code) {});
        on.later(completion::of([token](error_code) {}));
        on.post([token] {});
        ::close(fds[0]);
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(a_loop, is_told_by_the_kernel_of_a_connect_that_fails) {
    loop on;
    unique_fd listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof where;
    ASSERT_EQ(::bind(listener.value(), reinterpret_cast<sockaddr*>(&where), length), 0);
    ASSERT_EQ(::getsockname(listener.value(), reinterpret_cast<sockaddr*>(&where), &length), 0);
    // Bound and not listening: refused.
    auto begun = begin_connect(reinterpret_cast<const sockaddr*>(&where), length);
    if (!begun) GTEST_SKIP() << "refused inside the call";
    stream_socket s(on, std::move(*begun));
    bool done = false;
    s.async_wait(direction::write, [&](error_code) { done = true; });
    for (int i = 0; i < 50 && !done; ++i) on.turn(100ms);
    ASSERT_TRUE(done);
    EXPECT_EQ(connect_result(s.native_handle()).value(), ECONNREFUSED);
}
