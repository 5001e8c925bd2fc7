// When files are looked at and loaded, with a clock that the test moves.
#include "proxy/ops/watch_plan.hpp"

#include <gtest/gtest.h>

using namespace postern::ops;
using namespace std::chrono_literals;
using step = watch_plan::step;
using outcome = watch_plan::outcome;

namespace {

struct watch_plan_test : testing::Test {
    watch_plan::time now{1h};
    watch_plan plan{{.debounce = 1s, .sweep = 60s, .patience = 5s, .retry = 250ms}, now};

    // What is done when the clock has gone on by this much.
    step after(std::chrono::milliseconds time) {
        now += time;
        return plan.due(now);
    }
    void noticed() { plan.noticed(now); }
    step looked(bool changed) {
        plan.looked(now, changed);
        return plan.due(now);
    }
    void loaded(outcome what = outcome::settled) { plan.loaded(now, what); }
    // Until a load is under way.
    void begin_load() {
        noticed();
        ASSERT_EQ(after(1s), step::look);
        ASSERT_EQ(looked(true), step::load);
    }
    void expect_quiet() {
        EXPECT_EQ(plan.next(), now + 60s);
        EXPECT_EQ(after(59s), step::wait);
        EXPECT_EQ(after(1s), step::look);
    }
};

}  // namespace

TEST_F(watch_plan_test, a_changed_file_is_loaded_once_it_has_been_left_alone) {
    noticed();
    EXPECT_EQ(after(999ms), step::wait);
    EXPECT_EQ(plan.next(), now + 1ms);
    EXPECT_EQ(after(1ms), step::look);
    EXPECT_EQ(looked(true), step::load);
    EXPECT_EQ(plan.next(), watch_plan::time::max());
    loaded();
    expect_quiet();
}

TEST_F(watch_plan_test, every_further_event_waits_anew) {
    noticed();
    EXPECT_EQ(after(900ms), step::wait);
    noticed();
    EXPECT_EQ(after(900ms), step::wait);
    EXPECT_EQ(after(100ms), step::look);
}

TEST_F(watch_plan_test, a_file_that_never_rests_is_looked_at_all_the_same) {
    noticed();
    for (int i = 0; i < 11; ++i) {
        ASSERT_EQ(after(900ms), step::wait);
        noticed();
    }
    EXPECT_EQ(after(100ms), step::look);
}

TEST_F(watch_plan_test, events_that_changed_nothing_load_nothing) {
    noticed();
    EXPECT_EQ(after(1s), step::look);
    EXPECT_EQ(looked(false), step::wait);
    expect_quiet();
}

TEST_F(watch_plan_test, without_events_the_sweep_finds_a_change_and_looks_twice) {
    EXPECT_EQ(after(60s), step::look);
    EXPECT_EQ(looked(true), step::wait);
    EXPECT_EQ(after(1s), step::look);
    EXPECT_EQ(looked(true), step::load);
}

TEST_F(watch_plan_test, a_sweep_that_finds_nothing_comes_again) {
    EXPECT_EQ(after(60s), step::look);
    EXPECT_EQ(looked(false), step::wait);
    expect_quiet();
}

TEST_F(watch_plan_test, what_happens_during_a_load_is_looked_at_after_it) {
    begin_load();
    noticed();
    EXPECT_EQ(after(10s), step::wait);
    loaded();
    EXPECT_EQ(after(999ms), step::wait);
    EXPECT_EQ(after(1ms), step::look);
}

TEST_F(watch_plan_test, files_that_are_not_whole_are_loaded_again_when_they_change) {
    begin_load();
    loaded(outcome::unfinished);
    EXPECT_EQ(after(250ms), step::look);
    EXPECT_EQ(looked(false), step::wait);
    EXPECT_EQ(after(250ms), step::look);
    EXPECT_EQ(looked(true), step::load);
    loaded();
    expect_quiet();
}

TEST_F(watch_plan_test, patience_with_them_ends_with_a_last_load) {
    begin_load();
    loaded(outcome::unfinished);
    for (int i = 0; i < 19; ++i) {
        ASSERT_EQ(after(250ms), step::look) << i;
        ASSERT_EQ(looked(false), step::wait);
    }
    EXPECT_EQ(after(250ms), step::last_load);
    loaded();
    expect_quiet();
}

TEST_F(watch_plan_test, patience_does_not_begin_anew_with_each_attempt) {
    begin_load();
    loaded(outcome::unfinished);
    for (int i = 0; i < 4; ++i) {
        ASSERT_EQ(after(1s), step::look);
        ASSERT_EQ(looked(true), step::load);
        loaded(outcome::unfinished);
    }
    EXPECT_EQ(after(1s), step::last_load);
    loaded();
    // It does with the next change.
    begin_load();
    loaded(outcome::unfinished);
    EXPECT_EQ(after(4s), step::look);
}

TEST_F(watch_plan_test, a_load_that_somebody_else_asked_for_ends_the_retries) {
    begin_load();
    loaded(outcome::unfinished);
    loaded();
    expect_quiet();
}

TEST_F(watch_plan_test, a_load_that_somebody_else_asked_for_does_not_hide_what_happened) {
    noticed();
    loaded();
    EXPECT_EQ(after(1s), step::look);
}

TEST_F(watch_plan_test, events_while_it_retries_put_nothing_off) {
    begin_load();
    loaded(outcome::unfinished);
    EXPECT_EQ(after(200ms), step::wait);
    noticed();
    EXPECT_EQ(after(50ms), step::look);
}
