#include "bench/load/answer.hpp"
#include "bench/load/arrivals.hpp"
#include "bench/load/histogram.hpp"

#include <gtest/gtest.h>

namespace postern::load {

using namespace std::chrono_literals;

TEST(histogram, small_durations_are_exact) {
    histogram durations;
    for (int each = 1; each <= 100; ++each) durations.add(std::chrono::nanoseconds(each));
    EXPECT_EQ(durations.percentile(0.5), 50ns);
    EXPECT_EQ(durations.percentile(0.99), 99ns);
    EXPECT_EQ(durations.percentile(1), 100ns);
}

TEST(histogram, a_percentile_is_right_to_two_percent_and_never_too_small) {
    for (const auto duration : std::initializer_list<std::chrono::nanoseconds>{128ns, 1us, 777us, 12'345us, 3s, 1h}) {
        histogram durations;
        durations.add(duration);
        durations.add(2 * duration);
        EXPECT_GE(durations.percentile(0.5), duration);
        EXPECT_LE(durations.percentile(0.5).count(), duration.count() * 102 / 100);
        EXPECT_EQ(durations.percentile(1), 2 * duration);
    }
}

TEST(histogram, one_bad_case_in_a_hundred_shows_above_the_99th_percentile_only) {
    histogram durations;
    for (int each = 0; each < 99; ++each) durations.add(1ms);
    durations.add(1s);
    EXPECT_LT(durations.percentile(0.99), 2ms);
    EXPECT_EQ(durations.percentile(0.999), 1s);
    EXPECT_EQ(durations.largest(), 1s);
}

TEST(histogram, of_nothing_is_zero) { EXPECT_EQ(histogram().percentile(0.99), 0ns); }

TEST(arrivals, of_the_closed_loop_are_due_as_soon_as_somebody_is_free) {
    const clock::time_point begin{};
    arrivals work(0, 2, begin);
    EXPECT_EQ(work.take(begin + 5s), begin + 5s);
    EXPECT_FALSE(work.all_taken());
    EXPECT_EQ(work.take(begin + 9s), begin + 9s);
    EXPECT_TRUE(work.all_taken());
    EXPECT_EQ(work.take(begin + 10s), std::nullopt);
}

TEST(arrivals, of_the_open_loop_come_at_their_rate_and_keep_their_time_when_nobody_is_free) {
    const clock::time_point begin{};
    arrivals work(1000, 3, begin);
    EXPECT_EQ(work.take(begin), begin);
    EXPECT_EQ(work.take(begin), std::nullopt);
    EXPECT_EQ(work.next(), begin + 1ms);
    EXPECT_EQ(work.take(begin + 1s), begin + 1ms);
    EXPECT_EQ(work.take(begin + 1s), begin + 2ms);
    EXPECT_EQ(work.next(), std::nullopt);
}

TEST(answer, is_whole_with_as_many_bytes_as_it_promises) {
    const std::string text = "HTTP/1.1 200 OK\r\nContent-LENGTH:  2\r\nA: b\r\n\r\nok";
    for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(whole_answer(text.substr(0, size))) << size;
    EXPECT_TRUE(whole_answer(text));
    EXPECT_TRUE(whole_answer("HTTP/1.1 200 OK\r\n\r\n"));
}

TEST(answer, is_a_success_with_200_alone) {
    EXPECT_TRUE(is_success("HTTP/1.1 200 OK\r\n\r\n"));
    EXPECT_FALSE(is_success("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    EXPECT_EQ(first_line("HTTP/1.1 502 Bad Gateway\r\n\r\n"), "HTTP/1.1 502 Bad Gateway");
}

}  // namespace postern::load
