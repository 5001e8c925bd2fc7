#include "proxy/net/buffer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

using namespace postern::net;

TEST(buffer, a_lent_block_is_empty_and_has_room_for_a_turn_and_its_framing) {
    block_pool pool;
    auto b = pool.lend();
    EXPECT_TRUE(b.empty());
    EXPECT_EQ(b.room().size(), block_size);
    EXPECT_GT(block_size, payload_size);
}

TEST(buffer, bytes_begin_in_the_middle_of_a_page_also_in_memory_that_was_lent_before) {
    block_pool pool;
    for (int times = 0; times < 2; ++times) {
        std::vector<block> several;
        for (int i = 0; i < 4; ++i) {
            several.push_back(pool.lend());
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(several.back().room().data()) % page_size, block_begin);
        }
    }
}

TEST(buffer, what_was_added_is_filled_until_it_is_consumed) {
    block_pool pool;
    auto b = pool.lend();
    std::memcpy(b.room().data(), "hello", 5);
    b.add(5);
    b.consume(2);
    EXPECT_EQ(std::string(b.filled().begin(), b.filled().end()), "llo");
    b.consume(3);
    EXPECT_TRUE(b.empty());
    EXPECT_EQ(b.room().size(), block_size - 5);
}

TEST(buffer, a_block_comes_back_when_it_dies_or_is_overwritten) {
    block_pool pool;
    {
        auto a = pool.lend();
        auto b = pool.lend();
        EXPECT_EQ(pool.lent(), 2U);
        a = std::move(b);
        EXPECT_EQ(pool.lent(), 1U);
        a = {};
        EXPECT_EQ(pool.lent(), 0U);
    }
    EXPECT_EQ(pool.lent(), 0U);
}

TEST(buffer, the_block_given_back_last_is_lent_first) {
    block_pool pool;
    auto a = pool.lend();
    auto* memory = a.room().data();
    auto b = pool.lend();
    b = {};
    a = {};
    EXPECT_EQ(pool.lend().room().data(), memory);
}

TEST(buffer, a_burst_does_not_stay_in_memory) {
    block_pool pool;
    std::vector<block> burst;
    burst.reserve(200);
    for (int i = 0; i < 200; ++i) burst.push_back(pool.lend());
    EXPECT_EQ(pool.lent(), 200U);
    burst.clear();
    EXPECT_EQ(pool.lent(), 0U);
    EXPECT_LE(pool.spare(), 32U);
}
