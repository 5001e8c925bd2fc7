#include "proxy/upstream/resolve.hpp"

#include "tests/proxy/upstream/dns_server.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace postern::upstream {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

answer ask(resolver& r, const std::string& name) {
    std::promise<answer> promise;
    auto future = promise.get_future();
    r.resolve(name, [&](answer a) { promise.set_value(std::move(a)); });
    return future.get();
}

std::vector<std::string> hosts(const answer& a) {
    std::vector<std::string> all;
    for (const auto& one : a.addresses) all.push_back(one.host());
    return all;
}

// What a resolver says that knows this zone alone.
answer ask_zone(const zone& names, const std::string& name) {
    const dns_server server(names);
    resolver r({.nameservers = server.address()});
    return ask(r, name);
}

TEST(resolver, finds_ipv4_and_ipv6) {
    const auto a =
        ask_zone({{"app.example", {.ipv4 = {"192.0.2.1", "192.0.2.2"}, .ipv6 = {"2001:db8::1"}}}}, "app.example");
    EXPECT_THAT(hosts(a), UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
    EXPECT_EQ(a.error, "");
    EXPECT_EQ(a.ttl, 10s);
}

TEST(resolver, is_content_with_one_family) {
    EXPECT_THAT(hosts(ask_zone({{"app.example", {.ipv4 = {"192.0.2.1"}}}}, "app.example")), ElementsAre("192.0.2.1"));
    EXPECT_THAT(hosts(ask_zone({{"app.example", {.ipv6 = {"2001:db8::1"}}}}, "app.example")),
                ElementsAre("2001:db8::1"));
}

TEST(resolver, keeps_ttls_between_1_and_30_seconds) {
    EXPECT_EQ(ask_zone({{"app.example", {.ipv4 = {"192.0.2.1"}, .ttl = 0}}}, "app.example").ttl, 1s);
    EXPECT_EQ(ask_zone({{"app.example", {.ipv4 = {"192.0.2.1"}, .ttl = 7}}}, "app.example").ttl, 7s);
    EXPECT_EQ(ask_zone({{"app.example", {.ipv4 = {"192.0.2.1"}, .ttl = 3600}}}, "app.example").ttl, 30s);
}

TEST(resolver, asks_the_server_for_each_question) {
    const dns_server server({{"app.example", {.ipv4 = {"192.0.2.1"}}}});
    resolver r({.nameservers = server.address()});
    for (int i = 0; i < 2; ++i) EXPECT_THAT(hosts(ask(r, "app.example")), ElementsAre("192.0.2.1"));
    EXPECT_EQ(server.questions(), 4) << "A and AAAA, twice";
}

TEST(resolver, follows_an_alias_for_as_long_as_the_alias_holds) {
    const zone_entry alias{.ipv4 = {"192.0.2.1"}, .ttl = 20, .alias = "real.example", .alias_ttl = 4};
    const auto a = ask_zone({{"app.example", alias}}, "app.example");
    EXPECT_THAT(hosts(a), ElementsAre("192.0.2.1"));
    EXPECT_EQ(a.ttl, 4s);
}

TEST(resolver, says_that_a_name_does_not_exist) {
    const auto a = ask_zone({}, "nowhere.example");
    EXPECT_THAT(a.addresses, IsEmpty());
    EXPECT_EQ(a.error, "Domain name not found");
    EXPECT_EQ(a.ttl, 1s);
}

TEST(resolver, says_that_a_name_has_no_address) {
    EXPECT_EQ(ask_zone({{"empty.example", {}}}, "empty.example").error, "DNS server returned answer with no data");
}

TEST(resolver, refuses_what_cannot_be_a_name) {
    const std::string too_long(300, 'a');
    for (const auto& name : {std::string("a..example"), too_long + ".example"}) {
        const auto a = ask_zone({}, name);
        EXPECT_THAT(a.addresses, IsEmpty()) << name;
        EXPECT_NE(a.error, "") << name;
    }
}

TEST(resolver, gives_up_on_a_silent_server) {
    const dns_server server({{"app.example", {.silent = true}}});
    resolver r({.nameservers = server.address(), .timeout = 20ms, .tries = 2});
    const auto a = ask(r, "app.example");
    EXPECT_THAT(a.addresses, IsEmpty());
    EXPECT_EQ(a.error, "Timeout while contacting DNS servers");
    EXPECT_EQ(server.questions(), 4) << "A and AAAA, two tries each";
}

TEST(resolver, knows_localhost_without_a_server) {
    const dns_server server({});
    resolver r({.nameservers = server.address()});
    EXPECT_THAT(hosts(ask(r, "localhost")), testing::Contains("127.0.0.1"));
    EXPECT_EQ(server.questions(), 0);
}

TEST(resolver, answers_many_questions_from_many_threads) {
    const dns_server server({{"app.example", {.ipv4 = {"192.0.2.1"}}}});
    resolver r({.nameservers = server.address()});
    std::atomic<int> good = 0;
    std::array<std::thread, 4> askers;
    for (auto& asker : askers)
        asker = std::thread([&] {
            for (int i = 0; i < 25; ++i) good += ask(r, "app.example").addresses.size() == 1 ? 1 : 0;
        });
    for (auto& t : askers) t.join();
    EXPECT_EQ(good, 100);
}

TEST(resolver, answers_a_quick_name_while_a_slow_one_is_out) {
    const dns_server server({{"app.example", {.ipv4 = {"192.0.2.1"}}}, {"slow.example", {.silent = true}}});
    std::atomic<bool> slow_answered = false;
    resolver r({.nameservers = server.address(), .timeout = 10s});
    r.resolve("slow.example", [&](const answer&) { slow_answered = true; });
    EXPECT_THAT(hosts(ask(r, "app.example")), ElementsAre("192.0.2.1"));
    EXPECT_FALSE(slow_answered);
}

TEST(resolver, answers_what_is_open_when_it_is_destroyed) {
    const dns_server server({{"slow.example", {.silent = true}}});
    std::vector<std::string> errors;
    std::vector<std::thread::id> threads;
    std::thread::id own;
    {
        resolver r({.nameservers = server.address(), .timeout = 10s});
        r.resolve("localhost", [&](const answer&) { own = std::this_thread::get_id(); });
        for (int i = 0; i < 3; ++i)
            r.resolve("slow.example", [&](const answer& a) {
                errors.push_back(a.error);
                threads.push_back(std::this_thread::get_id());
            });
        while (server.questions() == 0) std::this_thread::sleep_for(1ms);
        // These may still be waiting for their turn.
        r.resolve("slow.example", [&](const answer& a) { errors.push_back(a.error); });
    }
    EXPECT_EQ(errors.size(), 4u);
    EXPECT_THAT(errors, testing::Each(testing::Not(testing::IsEmpty())));
    EXPECT_THAT(threads, testing::Each(own));
}

TEST(resolver, answers_questions_asked_from_answers_while_it_is_destroyed) {
    const dns_server server({{"slow.example", {.silent = true}}});
    bool inner = false;
    {
        resolver r({.nameservers = server.address(), .timeout = 10s});
        r.resolve("slow.example",
                  [&](const answer&) { r.resolve("slow.example", [&](const answer&) { inner = true; }); });
    }
    EXPECT_TRUE(inner);
}

TEST(resolver, that_is_never_asked_ends_at_once) {
    const auto begun = std::chrono::steady_clock::now();
    { const resolver r; }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
}

TEST(resolver, refuses_a_list_of_servers_that_is_none) {
    EXPECT_THROW(resolver({.nameservers = "not an address"}), std::runtime_error);
}

}  // namespace
}  // namespace postern::upstream
