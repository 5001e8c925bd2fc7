#include "proxy/ops/signals.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>

using namespace postern::ops;
using namespace postern::test;

namespace {

// Takes signals over while it lives, and keeps what they meant.
class listening {
public:
    listening() {
        loop_.run([this] {
            signals_ = std::make_unique<signals>(loop_.context(), [this](verb v) {
                const std::lock_guard lock(mutex_);
                heard_.push_back(v);
            });
        });
    }
    ~listening() {
        loop_.run([this] { signals_.reset(); });
    }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;
    std::vector<verb> heard() {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

private:
    std::mutex mutex_;
    std::vector<verb> heard_;
    running_loop loop_;
    std::unique_ptr<signals> signals_;
};

}  // namespace

TEST(signals, each_signal_is_its_verb_as_often_as_it_comes) {
    listening to;
    const std::vector<std::pair<int, verb>> table = {{SIGHUP, verb::reload},
                                                     {SIGUSR1, verb::reopen_logs},
                                                     {SIGTERM, verb::drain},
                                                     {SIGINT, verb::stop},
                                                     {SIGHUP, verb::reload}};
    std::vector<verb> expected;
    for (const auto& [number, v] : table) {
        ASSERT_EQ(::kill(::getpid(), number), 0);
        expected.push_back(v);
        ASSERT_TRUE(until([&] { return to.heard().size() == expected.size(); }));
        EXPECT_EQ(to.heard(), expected);
    }
}

TEST(signals, a_closed_pipe_does_not_kill) {
    const listening to;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    const postern::net::unique_fd writer(ends[1]);
    EXPECT_EQ(::write(writer.value(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
}
