#include "proxy/net/deadline.hpp"

#include <gtest/gtest.h>

using namespace postern::net;
using namespace std::chrono_literals;

namespace {

struct counted final : deadline {
    void expired() override {
        ++times;
        if (then) then();
    }
    int times = 0;
    std::function<void()> then;
};

struct deadline_test : testing::Test {
    deadlines all;
    clock::time_point start = clock::now();
};

}  // namespace

TEST_F(deadline_test, expires_once_when_its_time_has_passed) {
    counted d;
    d.arm(all, 1s);
    all.sweep(start + 500ms);
    EXPECT_EQ(d.times, 0);
    all.sweep(start + 1200ms);
    EXPECT_EQ(d.times, 1);
    all.sweep(start + 5s);
    EXPECT_EQ(d.times, 1);
}

TEST_F(deadline_test, an_arming_between_two_sweeps_counts_from_itself_and_not_from_the_sweep) {
    counted keeps_the_sweep_awake;
    counted d;
    keeps_the_sweep_awake.arm(all, 1h);
    all.sweep(start - 90ms);  // the coarse clock is behind
    d.arm(all, 100ms);
    all.sweep(start + 99ms);
    EXPECT_EQ(d.times, 0);
    all.sweep(clock::now() + 100ms);
    EXPECT_EQ(d.times, 1);
}

TEST_F(deadline_test, after_a_touch_between_two_sweeps_it_is_never_early) {
    counted d;
    d.arm(all, 1s);
    all.sweep(start + 800ms);
    d.touch();  // at any time before the sweep of 900 ms
    all.sweep(start + 1899ms);
    EXPECT_EQ(d.times, 0);
    all.sweep(start + 1900ms);
    EXPECT_EQ(d.times, 1);
}

TEST_F(deadline_test, a_touch_pushes_the_end_on) {
    counted d;
    d.arm(all, 1s);
    all.sweep(start + 800ms);
    d.touch();
    all.sweep(start + 1500ms);
    EXPECT_EQ(d.times, 0);
    all.sweep(start + 1900ms);
    EXPECT_EQ(d.times, 1);
}

TEST_F(deadline_test, disarmed_or_dead_it_does_not_expire) {
    counted d;
    d.arm(all, 1s);
    d.disarm();
    {
        counted dead;
        dead.arm(all, 1s);
    }
    all.sweep(start + 2s);
    EXPECT_EQ(d.times, 0);
}

TEST_F(deadline_test, one_that_expires_may_destroy_another_that_is_due) {
    auto second = std::make_unique<counted>();
    counted first;
    first.then = [&] { second.reset(); };
    first.arm(all, 1s);
    second->arm(all, 1s);
    all.sweep(start + 2s);
    EXPECT_EQ(first.times, 1);
}

TEST_F(deadline_test, one_that_expires_may_arm_itself_again) {
    counted d;
    d.then = [&] { d.arm(all, 1s); };
    d.arm(all, 1s);
    all.sweep(start + 1100ms);
    all.sweep(start + 1500ms);
    EXPECT_EQ(d.times, 1);
    all.sweep(start + 2300ms);
    EXPECT_EQ(d.times, 2);
}

TEST_F(deadline_test, a_sweep_is_asked_for_while_something_is_armed) {
    EXPECT_FALSE(all.next_sweep());
    counted d;
    d.arm(all, 1ms);
    ASSERT_TRUE(all.next_sweep());
    EXPECT_GE(*all.next_sweep(), start + deadlines::interval);
    all.sweep(*all.next_sweep());
    EXPECT_EQ(d.times, 1);
    EXPECT_FALSE(all.next_sweep());
}
