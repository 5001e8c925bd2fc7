#include "proxy/upstream/group.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace postern::upstream {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using strings = std::vector<std::string>;

config::endpoint tcp(std::string host, std::uint16_t port) {
    return {config::endpoint::kind::tcp, std::move(host), port, {}};
}

// A group of these ports on 127.0.0.1.
config::upstream ports(std::initializer_list<std::uint16_t> numbers, unsigned max_fails = 1) {
    config::upstream settings;
    for (const auto n : numbers) settings.servers.push_back(tcp("127.0.0.1", n));
    settings.max_fails = max_fails;
    return settings;
}

config::upstream host(const std::string& name) {
    config::upstream settings;
    settings.servers.push_back(tcp(name, 80));
    return settings;
}

answer addresses(std::initializer_list<const char*> hosts, std::chrono::seconds ttl = 30s) {
    answer a{{}, ttl, {}};
    for (const char* h : hosts) a.addresses.push_back(*to_address(tcp(h, 0)));
    return a;
}

// A group under a clock that a test moves.
struct a_group : testing::Test {
    time_point now{100s};

    static std::string text(const std::shared_ptr<peer>& p) { return p ? p->addr.text() : "none"; }

    // Whom one connection is given first.
    std::string pick(group& g) const { return text(attempt(g).next(now)); }

    // Whom one connection is given in turn, when all of them refuse; without telling the group.
    strings order(group& g) const {
        strings all;
        attempt search(g);
        while (const auto p = search.next(now)) all.push_back(text(p));
        return all;
    }

    strings picks(group& g, int n) const {
        strings all;
        for (int i = 0; i < n; ++i) all.push_back(pick(g));
        return all;
    }

    std::shared_ptr<peer> fail(group& g) const {
        auto p = attempt(g).next(now);
        g.report_failure(*p, now);
        return p;
    }
};

TEST_F(a_group, takes_its_peers_in_turn) {
    group g(ports({1, 2, 3}));
    EXPECT_THAT(picks(g, 4), ElementsAre("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:1"));
}

TEST_F(a_group, gives_each_peer_once_to_a_connection) {
    group g(ports({1, 2, 3}));
    EXPECT_THAT(order(g), ElementsAre("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"));
    pick(g);
    EXPECT_THAT(order(g), ElementsAre("127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:1"));
}

TEST_F(a_group, tries_an_address_that_is_listed_twice_once_a_connection) {
    group g(ports({1, 1}));
    EXPECT_THAT(order(g), ElementsAre("127.0.0.1:1"));
}

TEST_F(a_group, has_unix_sockets_too) {
    config::upstream settings;
    settings.servers.push_back({config::endpoint::kind::unix_socket, {}, 0, "/run/a.sock"});
    group g(settings);
    EXPECT_THAT(order(g), ElementsAre("unix:/run/a.sock"));
}

TEST_F(a_group, puts_a_failed_peer_aside_for_fail_timeout) {
    group g(ports({1, 2}));
    fail(g);
    now += 9'999ms;
    EXPECT_THAT(picks(g, 3), ElementsAre("127.0.0.1:2", "127.0.0.1:2", "127.0.0.1:2"));
    now += 1ms;
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
}

TEST_F(a_group, gives_a_connection_the_peers_aside_last) {
    group g(ports({1, 2, 3}));
    fail(g);
    EXPECT_THAT(order(g), ElementsAre("127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:1"));
}

TEST_F(a_group, tries_all_its_peers_when_all_are_aside) {
    group g(ports({1, 2}));
    fail(g);
    fail(g);
    EXPECT_THAT(picks(g, 3), ElementsAre("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:1"));
    EXPECT_THAT(order(g), ElementsAre("127.0.0.1:2", "127.0.0.1:1"));
}

TEST_F(a_group, takes_a_peer_back_that_answers_while_all_are_aside) {
    group g(ports({1, 2}));
    const auto first = fail(g);
    fail(g);
    g.report_success(*first);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:1", "127.0.0.1:1"));
}

TEST_F(a_group, lets_one_connection_find_out_whether_a_peer_is_back) {
    group g(ports({1, 2}));
    const auto first = fail(g);
    now += 10s;
    pick(g);
    EXPECT_EQ(pick(g), "127.0.0.1:1");
    EXPECT_THAT(picks(g, 3), ElementsAre("127.0.0.1:2", "127.0.0.1:2", "127.0.0.1:2"));
    g.report_success(*first);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
}

TEST_F(a_group, asks_again_after_fail_timeout_when_nobody_found_out) {
    group g(ports({1, 2}));
    fail(g);
    now += 10s;
    EXPECT_THAT(picks(g, 3), ElementsAre("127.0.0.1:2", "127.0.0.1:1", "127.0.0.1:2"));
    now += 10s;
    EXPECT_EQ(pick(g), "127.0.0.1:1");
}

TEST_F(a_group, puts_a_peer_aside_at_once_when_it_is_still_not_back) {
    group g(ports({1, 2}, 3));
    const auto first = attempt(g).next(now);
    for (int i = 0; i < 3; ++i) g.report_failure(*first, now);
    now += 10s;
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:2", "127.0.0.1:1"));
    g.report_failure(*first, now);
    now += 9s;
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:2", "127.0.0.1:2"));
}

TEST_F(a_group, waits_for_max_fails_failures) {
    group g(ports({1, 2}, 2));
    const auto first = attempt(g).next(now);
    g.report_failure(*first, now);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:2", "127.0.0.1:1"));
    now += 10s;
    g.report_failure(*first, now);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:2", "127.0.0.1:2"));
}

TEST_F(a_group, counts_failures_within_fail_timeout_alone) {
    group g(ports({1, 2}, 2));
    const auto first = attempt(g).next(now);
    g.report_failure(*first, now);
    now += 10'001ms;
    g.report_failure(*first, now);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:2", "127.0.0.1:1"));
}

TEST_F(a_group, counts_failures_between_which_it_succeeded) {
    group g(ports({1, 2}, 2));
    const auto first = attempt(g).next(now);
    g.report_failure(*first, now);
    g.report_success(*first);
    g.report_failure(*first, now);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:2", "127.0.0.1:2"));
}

TEST_F(a_group, never_puts_a_peer_aside_with_max_fails_of_0) {
    group g(ports({1, 2}, 0));
    for (int i = 0; i < 4; ++i) fail(g);
    EXPECT_THAT(picks(g, 2), ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
}

TEST_F(a_group, is_empty_until_its_name_resolves) {
    group g(host("app"));
    EXPECT_TRUE(g.empty());
    EXPECT_EQ(pick(g), "none");
    g.resolved(0, addresses({"192.0.2.1", "2001:db8::1"}), now);
    EXPECT_THAT(order(g), ElementsAre("192.0.2.1:80", "[2001:db8::1]:80"));
}

TEST_F(a_group, begins_with_what_the_group_before_knew_of_its_names) {
    auto settings = host("a.example");
    settings.servers.push_back(tcp("b.example", 80));
    group before(settings);
    before.resolved(0, addresses({"192.0.2.1", "192.0.2.2"}), now);
    fail(before);
    known_addresses known;
    before.tell(known);

    settings.servers.push_back(tcp("a.example", 81));
    group g(settings);
    g.begin_with(known);
    EXPECT_THAT(order(g), ElementsAre("192.0.2.1:80", "192.0.2.2:80")) << "and nothing of another port";
    EXPECT_THAT(g.due(now), ElementsAre(0, 1, 2)) << "they are resolved again";
    g.resolved(0, {{}, 1s, "no answer"}, now);
    EXPECT_THAT(order(g), ElementsAre("192.0.2.1:80", "192.0.2.2:80"));
    g.resolved(0, addresses({"192.0.2.3"}), now);
    EXPECT_THAT(order(g), ElementsAre("192.0.2.3:80"));
}

TEST_F(a_group, mixes_addresses_and_names) {
    config::upstream settings = ports({1});
    settings.servers.push_back(tcp("app", 80));
    settings.servers.push_back(tcp("app", 81));
    group g(settings);
    EXPECT_THAT(order(g), ElementsAre("127.0.0.1:1"));
    EXPECT_THAT(g.due(now), ElementsAre(0, 1));
    g.resolved(1, addresses({"192.0.2.1"}), now);
    g.resolved(0, addresses({"192.0.2.1"}), now);
    EXPECT_THAT(order(g), testing::UnorderedElementsAre("127.0.0.1:1", "192.0.2.1:80", "192.0.2.1:81"));
}

TEST_F(a_group, asks_for_its_names_at_once_and_one_question_at_a_time) {
    group g(host("app"));
    ASSERT_THAT(g.due(now), ElementsAre(0));
    EXPECT_EQ(g.name(0), "app");
    now += 1h;
    EXPECT_THAT(g.due(now), IsEmpty());
}

TEST_F(a_group, asks_again_when_the_ttl_has_ended) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1"}, 5s), now);
    now += 4'999ms;
    EXPECT_THAT(g.due(now), IsEmpty());
    now += 1ms;
    EXPECT_THAT(g.due(now), ElementsAre(0));
}

TEST_F(a_group, asks_again_after_a_failed_connect) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1"}, 30s), now);
    now += 5s;
    fail(g);
    EXPECT_THAT(g.due(now), ElementsAre(0));
}

TEST_F(a_group, asks_no_more_than_once_a_second_whatever_fails) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1"}, 30s), now);
    fail(g);
    now += 999ms;
    fail(g);
    EXPECT_THAT(g.due(now), IsEmpty());
    now += 1ms;
    EXPECT_THAT(g.due(now), ElementsAre(0));
}

TEST_F(a_group, asks_for_no_other_name_after_a_failed_connect) {
    config::upstream settings = host("app");
    settings.servers.push_back(tcp("other", 80));
    group g(settings);
    g.resolved(0, addresses({"192.0.2.1"}), now);
    g.resolved(1, addresses({"192.0.2.2"}), now);
    now += 5s;
    EXPECT_EQ(fail(g)->addr.text(), "192.0.2.1:80");
    EXPECT_THAT(g.due(now), ElementsAre(0));
}

TEST_F(a_group, asks_again_a_second_after_a_name_did_not_resolve) {
    group g(host("app"));
    g.resolved(0, {{}, 0s, "no such name"}, now);
    EXPECT_THAT(g.due(now), IsEmpty());
    now += 1s;
    EXPECT_THAT(g.due(now), ElementsAre(0));
    EXPECT_TRUE(g.empty());
}

TEST_F(a_group, keeps_the_old_addresses_when_a_name_no_longer_resolves) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1"}), now);
    g.resolved(0, {{}, 1s, "timeout"}, now);
    EXPECT_THAT(order(g), ElementsAre("192.0.2.1:80"));
}

TEST_F(a_group, remembers_the_failures_of_an_address_that_stays) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1", "192.0.2.2"}), now);
    fail(g);
    g.resolved(0, addresses({"192.0.2.3", "192.0.2.1"}), now);
    EXPECT_THAT(picks(g, 2), ElementsAre("192.0.2.3:80", "192.0.2.3:80"));
}

TEST_F(a_group, counts_an_address_that_comes_twice_in_an_answer_once) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1", "192.0.2.1"}), now);
    EXPECT_EQ(g.peers().size(), 1u);
}

TEST_F(a_group, lets_a_connection_go_on_when_the_name_resolves_otherwise_meanwhile) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1", "192.0.2.2"}), now);
    attempt search(g);
    const auto first = search.next(now);
    g.resolved(0, addresses({"192.0.2.1", "192.0.2.9"}), now);
    EXPECT_EQ(first->addr.text(), "192.0.2.1:80");
    EXPECT_EQ(text(search.next(now)), "192.0.2.9:80");
    EXPECT_EQ(search.next(now), nullptr);
}

TEST_F(a_group, lets_a_connection_report_a_peer_that_has_gone) {
    group g(host("app"));
    g.resolved(0, addresses({"192.0.2.1"}, 30s), now);
    attempt search(g);
    const auto gone = search.next(now);
    g.resolved(0, addresses({"192.0.2.2"}, 30s), now);
    now += 5s;
    g.report_failure(*gone, now);
    EXPECT_THAT(g.due(now), IsEmpty());
    EXPECT_EQ(pick(g), "192.0.2.2:80");
}

}  // namespace
}  // namespace postern::upstream
