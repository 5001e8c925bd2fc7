#include "proxy/console/changes.hpp"

#include "tests/proxy/console/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace postern::console {
namespace {

using testing::ElementsAre;
using testing::Key;
using namespace std::chrono_literals;

const time_point begin{};

status told() { return *read_status(test::document); }

listener& first(status& s) { return s.listeners.at("127.0.0.1:8443"); }
peer& lone(status& s) { return s.upstreams.at("app").peers.at("10.0.0.1:80"); }

// Every count that can only grow.
std::vector<std::function<std::uint64_t&(status&)>> counters() {
    using count = std::uint64_t&;
    return {
        [](status& s) -> count { return s.reloads; },
        [](status& s) -> count { return s.refused_reloads; },
        [](status& s) -> count { return s.tickets_issued; },
        [](status& s) -> count { return s.tickets_accepted; },
        [](status& s) -> count { return s.tickets_rejected; },
        [](status& s) -> count { return first(s).accepted; },
        [](status& s) -> count { return first(s).full; },
        [](status& s) -> count { return first(s).resumed; },
        [](status& s) -> count { return first(s).failed; },
        [](status& s) -> count { return first(s).failures["not_tls"]; },
        [](status& s) -> count { return first(s).full_times.counts.at(1); },
        [](status& s) -> count { return first(s).resumed_times.counts.at(3); },
        [](status& s) -> count { return first(s).requests; },
        [](status& s) -> count { return first(s).request_times.counts.at(0); },
        [](status& s) -> count { return first(s).bytes_in; },
        [](status& s) -> count { return first(s).bytes_out; },
        [](status& s) -> count { return lone(s).requests; },
        [](status& s) -> count { return lone(s).connects; },
        [](status& s) -> count { return lone(s).failures["connect_timeout"]; },
        [](status& s) -> count { return lone(s).connect_times.counts.at(0); },
        [](status& s) -> count { return s.upstreams.at("db.example.org:5432").resolve_failed; },
    };
}

}  // namespace

TEST(difference, each_count_is_what_was_added_to_it) {
    for (std::size_t i = 0; i < counters().size(); ++i) {
        auto now = told();
        counters()[i](now) += 5;
        auto made = difference(now, told());
        ASSERT_TRUE(made) << i;
        for (std::size_t k = 0; k < counters().size(); ++k) EXPECT_EQ(counters()[k](*made), k == i ? 5U : 0U) << i << k;
    }
}

TEST(difference, a_count_that_went_backwards_is_a_restart) {
    for (std::size_t i = 0; i < counters().size(); ++i) {
        auto before = told();
        ++counters()[i](before);
        EXPECT_FALSE(difference(told(), before)) << i;
    }
}

TEST(difference, a_reason_that_is_gone_is_a_restart) {
    auto now = told();
    first(now).failures.erase("not_tls");
    EXPECT_FALSE(difference(now, told()));
}

TEST(difference, another_start_is_a_restart_though_all_counts_fit) {
    auto now = told();
    now.started = "2026-11-29T08:00:00.001Z";
    EXPECT_FALSE(difference(now, told()));
    now.started = "";
    EXPECT_TRUE(difference(now, told()));
}

TEST(difference, other_bounds_are_a_restart) {
    auto now = told();
    first(now).full_times = {{0.5}, {100, 100}};
    EXPECT_FALSE(difference(now, told()));
}

TEST(difference, what_counts_now_stays_as_it_is) {
    auto now = told();
    first(now).open = 3;
    now.handshakes_in_flight = 1;
    auto made = difference(now, told());
    ASSERT_TRUE(made);
    EXPECT_EQ(first(*made).open, 3U);
    EXPECT_EQ(made->handshakes_in_flight, 1U);
}

TEST(difference, who_has_come_or_gone_is_left_out) {
    auto now = told();
    now.listeners["127.0.0.1:9"].accepted = 7;
    now.listeners.erase("127.0.0.1:8080");
    now.upstreams["app"].peers["10.0.0.3:80"].requests = 7;
    const auto made = difference(now, told());
    ASSERT_TRUE(made);
    EXPECT_THAT(made->listeners, ElementsAre(Key("127.0.0.1:8443")));
    EXPECT_THAT(made->upstreams.at("app").peers, ElementsAre(Key("10.0.0.1:80"), Key("10.0.0.2:80")));
}

double seconds_of(const std::optional<duration_estimate>& e) { return e ? e->seconds : -1; }

TEST(quantile, it_lies_inside_its_bucket_by_its_share) {
    const histogram h{{0.001, 0.01, 0.1}, {0, 100, 0, 0}};
    EXPECT_DOUBLE_EQ(seconds_of(quantile(h, 0.5)), 0.0055);
    EXPECT_DOUBLE_EQ(seconds_of(quantile(h, 0.99)), 0.00991);
    EXPECT_DOUBLE_EQ(seconds_of(quantile({{0.001, 0.01}, {3, 1, 0}}, 0.5)), 0.001 * 2 / 3);
    EXPECT_DOUBLE_EQ(seconds_of(quantile({{1, 2, 3}, {1, 0, 1, 0}}, 0.5)), 1);
    EXPECT_DOUBLE_EQ(seconds_of(quantile({{1, 2, 3}, {1, 0, 1, 0}}, 0.75)), 2.5);
}

TEST(quantile, beyond_the_last_bound_only_that_is_known) {
    const auto q = quantile({{1, 2}, {1, 0, 9}}, 0.5);
    ASSERT_TRUE(q);
    EXPECT_TRUE(q->more);
    EXPECT_DOUBLE_EQ(q->seconds, 2);
    EXPECT_FALSE(quantile({{1, 2}, {9, 0, 1}}, 0.5)->more);
}

TEST(quantile, of_nothing_there_is_none) {
    EXPECT_FALSE(quantile({}, 0.5));
    EXPECT_FALSE(quantile({{1, 2}, {0, 0, 0}}, 0.5));
}

TEST(quantile, the_largest_counts_do_not_overflow) {
    const auto most = std::numeric_limits<std::uint64_t>::max();
    EXPECT_DOUBLE_EQ(seconds_of(quantile({{1, 2}, {most, most, 0}}, 0.5)), 1);
}

status after(std::uint64_t accepted) {
    auto s = told();
    first(s).accepted += accepted;
    return s;
}

std::uint64_t accepted(const std::optional<changes>& c) {
    return c ? c->counts.listeners.at("127.0.0.1:8443").accepted : 999'999;
}

TEST(history, one_reading_changes_nothing) {
    history h;
    h.add(told(), begin);
    EXPECT_FALSE(h.lately());
    EXPECT_FALSE(h.in_a_minute());
    EXPECT_FALSE(h.restarted());
}

TEST(history, what_is_lately_is_since_the_reading_before) {
    history h;
    h.add(told(), begin);
    h.add(after(10), begin + 2s);
    h.add(after(13), begin + 6s);
    EXPECT_EQ(accepted(h.lately()), 3U);
    EXPECT_EQ(h.lately()->over, 4s);
    EXPECT_EQ(accepted(h.in_a_minute()), 13U);
    EXPECT_EQ(h.in_a_minute()->over, 6s);
}

TEST(history, its_minute_is_never_longer_and_seldom_less_than_half_of_one) {
    history h;
    for (int second = 0; second < 1000; second += 2) {
        h.add(after(static_cast<std::uint64_t>(second)), begin + std::chrono::seconds(second));
        if (second == 0) continue;
        const auto minute = h.in_a_minute();
        ASSERT_TRUE(minute);
        EXPECT_LE(minute->over, 60s) << second;
        EXPECT_GE(minute->over, std::min<seconds>(30s, std::chrono::seconds(second)));
        EXPECT_EQ(static_cast<double>(accepted(minute)), minute->over.count());
    }
}

TEST(history, what_was_before_a_restart_is_forgotten) {
    history h;
    h.add(told(), begin);
    h.add(after(10), begin + 2s);
    h.add(after(4), begin + 4s);
    EXPECT_TRUE(h.restarted());
    EXPECT_FALSE(h.lately());
    EXPECT_FALSE(h.in_a_minute());
    h.add(after(5), begin + 6s);
    EXPECT_FALSE(h.restarted());
    EXPECT_EQ(accepted(h.lately()), 1U);
    EXPECT_EQ(accepted(h.in_a_minute()), 1U);
}

}  // namespace postern::console
