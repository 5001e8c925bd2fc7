#include "certs/session_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace postern::certs::testing {
namespace {

constexpr std::size_t one_shard = 64 * 1024;
constexpr std::time_t noon = 1'000'000;

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

// As long as ids of TLS are, and spread over the shards as they are.
std::vector<std::uint8_t> id_of(std::size_t number) {
    auto id = bytes_of(std::to_string(number));
    id.resize(session_cache::longest_id);
    id.back() = static_cast<std::uint8_t>(number);
    return id;
}

struct session_caches : ::testing::Test {
    session_cache cache{one_shard};

    bool store(const std::string& id, const std::string& session, std::time_t until = noon, std::time_t now = noon) {
        return cache.store(bytes_of(id), secret(bytes_of(session)), now, until);
    }
    std::string find(const std::string& id, std::time_t now = noon) {
        const auto found = cache.find(bytes_of(id), now);
        return found ? std::string(found->text()) : "nothing";
    }
};

TEST_F(session_caches, a_session_is_found_by_its_whole_id_and_no_other) {
    EXPECT_TRUE(store("id", "session"));
    EXPECT_EQ(find("id"), "session");
    EXPECT_EQ(find("id"), "session");
    for (const auto& other : std::vector<std::string>{"", "i", "d", "idd", "iD", std::string("id\0", 3)})
        EXPECT_EQ(find(other), "nothing");
}

TEST_F(session_caches, a_session_is_kept_to_the_end_of_its_last_second_and_then_forgotten) {
    EXPECT_TRUE(store("id", "session", noon + 300));
    EXPECT_EQ(find("id", noon + 300), "session");
    EXPECT_EQ(find("id", noon + 301), "nothing");
    EXPECT_EQ(find("id", noon), "nothing");
    EXPECT_EQ(cache.count().bytes, 0U);
}

TEST_F(session_caches, what_is_over_already_is_not_kept) {
    EXPECT_FALSE(store("id", "session", noon - 1));
    EXPECT_EQ(cache.count().sessions, 0U);
}

TEST_F(session_caches, a_second_session_with_an_id_takes_the_place_of_the_first) {
    store("id", "a session that is long");
    const auto before = cache.count().bytes;
    EXPECT_TRUE(store("id", "session"));
    EXPECT_EQ(find("id"), "session");
    EXPECT_EQ(cache.count().sessions, 1U);
    EXPECT_LT(cache.count().bytes, before);
}

TEST_F(session_caches, a_removed_session_is_gone_and_its_room_is_free) {
    store("id", "session");
    store("other", "another");
    cache.remove(bytes_of("id"));
    cache.remove(bytes_of("unknown"));
    cache.remove({});
    EXPECT_EQ(find("id"), "nothing");
    EXPECT_EQ(find("other"), "another");
    cache.remove(bytes_of("other"));
    EXPECT_EQ(cache.count().bytes, 0U);
}

TEST_F(session_caches, an_id_has_1_to_32_bytes) {
    EXPECT_FALSE(store("", "session"));
    EXPECT_FALSE(store(std::string(33, 'i'), "session"));
    EXPECT_TRUE(store(std::string(32, 'i'), "session"));
    EXPECT_EQ(find(std::string(32, 'i')), "session");
    EXPECT_EQ(find(std::string(33, 'i')), "nothing");
    EXPECT_EQ(cache.count().sessions, 1U);
}

TEST_F(session_caches, a_session_has_1_byte_to_8_kib) {
    EXPECT_FALSE(store("id", ""));
    EXPECT_FALSE(store("id", std::string(8 * 1024 + 1, 's')));
    EXPECT_TRUE(store("id", std::string(8 * 1024, 's')));
    EXPECT_EQ(find("id"), std::string(8 * 1024, 's'));
}

TEST_F(session_caches, in_a_cache_too_small_for_it_a_session_is_not_kept) {
    session_cache tiny(1000);
    EXPECT_FALSE(tiny.store(bytes_of("id"), secret(bytes_of(std::string(1000, 's'))), noon, noon));
    EXPECT_TRUE(tiny.store(bytes_of("id"), secret(bytes_of(std::string(100, 's'))), noon, noon));
}

TEST_F(session_caches, when_there_is_no_room_the_oldest_go_however_often_they_were_found) {
    const std::string session(8 * 1024, 's');
    for (char id = 'a'; id < 'a' + 7; ++id) EXPECT_TRUE(store({id}, session));
    EXPECT_EQ(cache.count().sessions, 7U);
    EXPECT_EQ(find("a"), session);
    EXPECT_TRUE(store("new", session));
    EXPECT_EQ(find("a"), "nothing");
    for (const char* kept : {"b", "c", "d", "e", "f", "g", "new"}) EXPECT_EQ(find(kept), session) << kept;
    EXPECT_EQ(cache.count().evictions, 1U);
}

TEST_F(session_caches, those_whose_time_is_over_go_first_and_count_as_no_eviction) {
    for (char id = 'a'; id < 'a' + 7; ++id) EXPECT_TRUE(store({id}, std::string(8 * 1024, 's'), noon + 5));
    EXPECT_TRUE(store("new", "session", noon + 300, noon + 6));
    EXPECT_EQ(cache.count().sessions, 6U);
    for (const char* id : {"1", "2", "3"}) EXPECT_TRUE(store(id, "session", noon + 300, noon + 6));
    EXPECT_EQ(cache.count().sessions, 4U);
    EXPECT_EQ(cache.count().evictions, 0U);
    EXPECT_EQ(find("new", noon + 6), "session");
}

TEST_F(session_caches, hits_and_misses_are_counted) {
    store("id", "session", noon + 1);
    static_cast<void>(find("id"));
    static_cast<void>(find("id", noon + 2));
    static_cast<void>(find("id"));
    EXPECT_EQ(cache.count().hits, 1U);
    EXPECT_EQ(cache.count().misses, 2U);
}

TEST_F(session_caches, a_mebibyte_holds_3000_sessions_of_the_usual_size_and_never_more_than_its_bytes) {
    session_cache large(1 << 20);
    for (std::size_t i = 0; i < 10'000; ++i) {
        ASSERT_TRUE(large.store(id_of(i), secret(std::vector<std::uint8_t>(160)), noon, noon));
        ASSERT_LE(large.count().bytes, 1U << 20);
    }
    EXPECT_GE(large.count().sessions, 3000U);
    EXPECT_EQ(large.count().evictions, 10'000 - large.count().sessions);
    EXPECT_TRUE(large.find(id_of(9'999), noon));
    EXPECT_FALSE(large.find(id_of(0), noon));
}

TEST_F(session_caches, threads_may_do_anything_at_once_and_find_what_belongs_to_the_id) {
    session_cache busy(256 * 1024);
    constexpr std::size_t ids = 2'000;
    const auto session_for = [](std::size_t number) {
        return bytes_of(std::string(200, 's') + std::to_string(number));
    };
    std::vector<std::size_t> wrong(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 5'000; ++i) {
                const std::size_t number = (i * (2 * t + 1)) % ids;
                const auto found = busy.find(id_of(number), noon);
                const auto right = session_for(number);
                if (found && found->text() != secret(std::vector(right)).text()) ++wrong[t];
                if (!found) busy.store(id_of(number), secret(std::vector(right)), noon, noon + 1);
                if (i % 7 == t) busy.remove(id_of(number));
                if (i % 100 == t && busy.count().bytes > 256 * 1024) ++wrong[t];
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<std::size_t>(4));
    EXPECT_EQ(busy.count().hits + busy.count().misses, 20'000U);
    EXPECT_GT(busy.count().hits, 0U);
    EXPECT_GT(busy.count().evictions, 0U);
    for (std::size_t number = 0; number < ids; ++number) busy.remove(id_of(number));
    EXPECT_EQ(busy.count().bytes, 0U);
    EXPECT_EQ(busy.count().sessions, 0U);
}

}  // namespace
}  // namespace postern::certs::testing
