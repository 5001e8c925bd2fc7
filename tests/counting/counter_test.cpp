#include "counting/counter.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace postern::counting;

TEST(counter, counts_what_it_is_told) {
    counter c;
    EXPECT_EQ(c.value(), 0U);
    c.add();
    c.add(41);
    EXPECT_EQ(c.value(), 42U);
}

TEST(counter, may_be_read_by_another_thread_while_it_counts) {
    counter c;
    std::thread writer([&] {
        for (int i = 0; i < 100'000; ++i) c.add();
    });
    std::uint64_t seen = 0;
    while (seen < 100'000) {
        const auto now = c.value();
        ASSERT_GE(now, seen);
        seen = now;
    }
    writer.join();
    EXPECT_EQ(c.value(), 100'000U);
}

TEST(gauge, tells_what_it_was_set_to_last) {
    gauge g;
    g.set(7);
    g.set(3);
    EXPECT_EQ(g.value(), 3U);
}
