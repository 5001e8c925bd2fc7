// From a group with names in it to a connected socket, with a DNS server and a listener of the test's own.
#include "proxy/upstream/connect.hpp"

#include "config/units.hpp"
#include "proxy/net/socket.hpp"
#include "tests/proxy/upstream/dns_server.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>

namespace postern::upstream {
namespace {

using namespace std::chrono_literals;

// A listener on 127.0.0.1 that nobody accepts from: the kernel does what a connect needs.
struct listening {
    listening() {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd = std::move(*net::listen_on(reinterpret_cast<const sockaddr*>(&any), sizeof any));
        socklen_t size = sizeof any;
        EXPECT_EQ(::getsockname(fd.value(), reinterpret_cast<sockaddr*>(&any), &size), 0);
        where = address(reinterpret_cast<const sockaddr&>(any));
    }
    // From now on a connect neither succeeds nor fails.
    void fill_up() {
        ASSERT_EQ(::listen(fd.value(), 0), 0);
        for (int i = 0; i < 4; ++i) fillers.push_back(std::move(*net::begin_connect(where.data(), where.size())));
    }
    net::unique_fd fd;
    address where;
    std::vector<net::unique_fd> fillers;
};

net::task<> reach(connector* by, std::optional<result<connected>>* outcome) {
    auto reached = co_await by->run();
    outcome->emplace(std::move(reached));
}

struct a_connector : testing::Test {
    listening backend;
    dns_server names{{{"app.example", {.ipv4 = {"127.0.0.1"}}},
                      {"half.example", {.ipv4 = {"127.0.0.1", "127.0.0.9"}}},
                      {"silent.example", {.silent = true}}}};
    std::optional<resolver> resolves{resolver_options{.nameservers = names.address()}};
    net::loop on;
    net::deadlines& all = on.all_deadlines();
    counting::counter unresolved;
    peer_counts first, second;  // of the group's servers
    std::optional<result<connected>> outcome;

    // Its answers are posted to the context, which must be there until the last.
    ~a_connector() override { resolves.reset(); }

    std::shared_ptr<target> group_of(const std::vector<std::string>& servers) {
        config::upstream settings;
        settings.name = "app";
        for (const auto& s : servers) settings.servers.push_back(*config::parse_endpoint(s));
        return std::make_shared<target>(settings, site{on, *resolves}, target_counts{&unresolved, {&first, &second}});
    }

    std::string at_port(const std::string& host) const { return host + ":" + std::to_string(backend.where.port()); }

    void begin(connector& c) {
        outcome.reset();
        on.spawn(reach(&c, &outcome), [](const std::exception_ptr& e) { ASSERT_FALSE(e); });
        for (int i = 0; i < 10; ++i) on.turn({});
    }

    void finish() {
        while (!outcome) on.turn(std::chrono::seconds(1));
    }

    void run(connector& c) {
        begin(c);
        finish();
    }

    void expect_failure(party by, reason why) const {
        ASSERT_TRUE(outcome->has_error());
        EXPECT_EQ(outcome->error().by, by);
        EXPECT_EQ(outcome->error().during, phase::connect);
        EXPECT_EQ(to_string(outcome->error().why), to_string(why));
    }
};

}  // namespace

TEST_F(a_connector, waits_for_the_first_answer_to_a_name) {
    connector c(group_of({at_port("app.example")}), 1min);
    run(c);
    ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ((*outcome)->peer.text(), backend.where.text());
}

TEST_F(a_connector, does_not_wait_for_a_name_that_was_known_before_a_reload) {
    const auto silent = group_of({at_port("silent.example")});
    silent->peers().begin_with({{{"silent.example", backend.where.port()}, {backend.where}}});
    silent->refresh();
    connector c(silent, 1min);
    run(c);
    ASSERT_TRUE(outcome->has_value());
    EXPECT_TRUE(silent->resolving());
}

TEST_F(a_connector, asks_for_a_name_once_while_the_answer_holds) {
    const auto app = group_of({at_port("app.example")});
    int asked = 0;
    for (int i = 0; i < 3; ++i) {
        connector c(app, 1min);
        run(c);
        EXPECT_TRUE(outcome->has_value());
        if (i == 0) asked = names.questions();
    }
    EXPECT_EQ(names.questions(), asked);
}

TEST_F(a_connector, goes_on_to_the_next_address_of_a_name_when_one_refuses) {
    const auto half = group_of({at_port("half.example")});
    for (int i = 0; i < 2; ++i) {
        connector c(half, 1min);
        run(c);
        ASSERT_TRUE(outcome->has_value());
        EXPECT_EQ((*outcome)->peer.text(), backend.where.text());
    }
}

TEST_F(a_connector, does_not_wait_for_a_name_while_there_are_other_peers) {
    connector c(group_of({at_port("silent.example"), backend.where.text()}), 1min);
    run(c);
    EXPECT_TRUE(outcome->has_value());
}

TEST_F(a_connector, says_why_a_name_has_no_address) {
    connector c(group_of({at_port("nowhere.example")}), 1min);
    run(c);
    expect_failure(party::upstream, reason::resolve_failed);
    EXPECT_NE(outcome->error().detail, "");
}

TEST_F(a_connector, waits_for_a_name_no_longer_than_for_a_peer) {
    connector c(group_of({at_port("silent.example")}), 1min);
    begin(c);
    all.sweep(net::clock::now() + 2min);
    finish();
    expect_failure(party::upstream, reason::resolve_failed);
}

TEST_F(a_connector, can_be_stopped_while_it_waits_for_a_name) {
    connector c(group_of({at_port("silent.example")}), 1min);
    begin(c);
    EXPECT_FALSE(outcome);
    c.stop(reason::drain_timeout);
    finish();
    expect_failure(party::postern, reason::drain_timeout);
}

TEST_F(a_connector, can_be_stopped_in_the_middle_of_a_connect) {
    backend.fill_up();
    connector c(group_of({backend.where.text(), at_port("127.0.0.9")}), 1min);
    begin(c);
    EXPECT_FALSE(outcome);
    c.stop(reason::stopped);
    finish();
    expect_failure(party::postern, reason::stopped);
}

TEST_F(a_connector, gives_each_peer_its_own_time) {
    listening hanging;
    hanging.fill_up();
    connector c(group_of({hanging.where.text(), backend.where.text()}), 1min);
    begin(c);
    EXPECT_FALSE(outcome);
    all.sweep(net::clock::now() + 2min);
    finish();
    ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ((*outcome)->peer.text(), backend.where.text());
}

TEST_F(a_connector, counts_each_attempt_at_the_server_whose_address_it_was) {
    const auto app = group_of({at_port("127.0.0.9"), at_port("app.example")});
    app->peers().begin_with({{{"app.example", backend.where.port()}, {backend.where}}});
    connector c(app, 1min);
    run(c);
    ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ(first.failures[0].value(), 1U);  // connect_refused
    EXPECT_NE(first.last_failed.value(), 0U);
    EXPECT_EQ(first.requests.value(), 0U);
    counting::distribution took;
    second.connects.add_to(took);
    EXPECT_EQ(took.count(), 1U);
    EXPECT_EQ(second.requests.value(), 1U);
    EXPECT_NE(second.last_reached.value(), 0U);
    EXPECT_EQ(unresolved.value(), 0U);
}

TEST_F(a_connector, counts_a_kept_connection_as_a_request_and_not_as_a_connect) {
    const auto app = group_of({backend.where.text()});
    connector c(app, 1min);
    run(c);
    ASSERT_TRUE(outcome->has_value());
    app->kept().keep({std::move((*outcome)->socket), "", 1}, backend.where);
    connector again(app, 1min, connector::use::kept);
    run(again);
    ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ((*outcome)->served, 1U);
    EXPECT_EQ(first.requests.value(), 2U);
    counting::distribution took;
    first.connects.add_to(took);
    EXPECT_EQ(took.count(), 1U);
}

TEST_F(a_connector, counts_a_name_without_an_address_and_not_who_was_stopped) {
    connector c(group_of({at_port("nowhere.example")}), 1min);
    run(c);
    EXPECT_EQ(unresolved.value(), 1U);
    backend.fill_up();
    connector stopped(group_of({backend.where.text()}), 1min);
    begin(stopped);
    stopped.stop(reason::stopped);
    finish();
    for (const auto& count : first.failures) EXPECT_EQ(count.value(), 0U);
}

// The sanitizers look at memory through descriptors of their own.
#ifndef __SANITIZE_ADDRESS__
TEST_F(a_connector, does_not_hold_a_shortage_of_ours_against_the_peer) {
    const auto app = group_of({backend.where.text()});
    connector c(app, 1min);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const net::unique_fd lowest_free(::fcntl(0, F_DUPFD_CLOEXEC, 0));
    const rlimit none{static_cast<rlim_t>(lowest_free.value()), before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    run(c);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_failure(party::postern, reason::connect_failed);
    EXPECT_EQ(app->peers().peers().front()->fails, 0U);
    EXPECT_EQ(first.last_failed.value(), 0U);
}
#endif

TEST_F(a_connector, may_be_gone_with_its_target_when_the_answer_comes) {
    {
        connector c(group_of({at_port("silent.example")}), 1min);
        begin(c);
        c.stop(reason::stopped);
        finish();
    }
    resolves.reset();  // answers what is open
    on.turn({});       // takes the answer, which finds nobody
    expect_failure(party::postern, reason::stopped);
}

}  // namespace postern::upstream
