#include "proxy/session/caches.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;

namespace {

using kind = config::session_cache::kind;

config::server server(const config::session_cache& cache, std::uint16_t port = 1, const std::string& name = {}) {
    config::server made;
    made.listen = {{config::endpoint::kind::tcp, "127.0.0.1", port, {}}};
    if (!name.empty()) made.server_name = {name};
    made.ssl.emplace().session_cache = cache;
    return made;
}

config::session_cache shared(const std::string& name, std::size_t size = 1 << 20) { return {kind::shared, name, size}; }

// What is served with these servers, after `before`.
snapshot serve(std::vector<config::server> servers, const snapshot* before = nullptr) {
    snapshot made;
    made.settings.servers = std::move(servers);
    made.caches = share_caches(made.settings, before);
    return made;
}

}  // namespace

TEST(shared_caches, only_a_server_that_asks_for_one_has_one) {
    config::server plain = server({});
    plain.ssl.reset();
    const auto all = serve({server(shared("")), server({kind::builtin, {}, 100}), server({kind::off, {}, 0}), plain});
    ASSERT_EQ(all.caches.size(), 4U);
    EXPECT_NE(all.caches[0], nullptr);
    for (const std::size_t i : {1U, 2U, 3U}) EXPECT_EQ(all.caches[i], nullptr);
}

TEST(shared_caches, servers_that_give_one_name_have_one_cache_and_without_a_name_each_has_its_own) {
    const auto all = serve({server(shared("A"), 1), server(shared("A"), 2), server(shared("B"), 3),
                            server(shared(""), 4, "a"), server(shared(""), 4, "b"), server(shared(""), 5, "a")});
    EXPECT_EQ(all.caches[0], all.caches[1]);
    for (std::size_t i = 1; i < all.caches.size(); ++i)
        for (std::size_t j = i + 1; j < all.caches.size(); ++j)
            EXPECT_NE(all.caches[i], all.caches[j]) << i << " " << j;
}

TEST(shared_caches, a_server_may_be_called_what_a_cache_is_called) {
    const auto all = serve({server(shared("127.0.0.1:1 a"), 2), server(shared(""), 1, "a")});
    EXPECT_NE(all.caches[0], all.caches[1]);
}

TEST(shared_caches, a_reload_keeps_the_caches_wherever_their_servers_now_stand) {
    const auto before = serve({server(shared("A"), 1), server(shared(""), 2, "a")});
    const auto after = serve({server({}, 9), server(shared(""), 2, "a"), server(shared("A"), 3)}, &before);
    EXPECT_EQ(after.caches[1], before.caches[1]);
    EXPECT_EQ(after.caches[2], before.caches[0]);
    auto more = server(shared(""), 2, "a");
    more.server_name.emplace_back("b");
    more.listen.push_back({config::endpoint::kind::tcp, "127.0.0.1", 7, {}});
    EXPECT_EQ(serve({more}, &after).caches[0], before.caches[1]);
}

TEST(shared_caches, another_size_means_another_cache) {
    const auto before = serve({server(shared("A"), 1), server(shared(""), 2)});
    const auto after = serve({server(shared("A", 2 << 20), 1), server(shared("", 2 << 20), 2)}, &before);
    for (const std::size_t i : {0U, 1U}) {
        ASSERT_NE(after.caches[i], nullptr);
        EXPECT_NE(after.caches[i], before.caches[i]);
    }
}

TEST(shared_caches, a_cache_that_nobody_asks_for_any_more_is_gone) {
    const auto before = serve({server(shared("A"))});
    const auto without = serve({server({})}, &before);
    const auto after = serve({server(shared("A"))}, &without);
    ASSERT_NE(after.caches[0], nullptr);
    EXPECT_NE(after.caches[0], before.caches[0]);
}

TEST(shared_caches, each_is_named_once_for_whoever_watches) {
    const auto all = serve({server(shared("A"), 1), server(shared("A"), 2), server(shared(""), 3),
                            server(shared(""), 4, "b.example"), server({}, 5)});
    std::vector<std::string> names;
    for (const auto& [name, cache] : name_caches(all)) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"127.0.0.1:3", "127.0.0.1:4 b.example", "A"}));
}
