#include "proxy/session/tickets.hpp"

#include "certs/ticket_secret.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace postern;
using namespace postern::session;
using namespace std::chrono_literals;

namespace {

using certs::testing::lines;

struct ticket_sources : testing::Test {
    const certs::testing::folder at;
    const std::shared_ptr<certs::ticket_source> made = certs::made_tickets(1000);
    const std::string key = at.write("key", std::string(80, 'k'));
    const std::string other_key = at.write("other", std::string(48, 'o'));
    const std::string secret = at.write("secret", std::string(32, 's'));
    config::settings settings;
    config::problems found;

    config::ssl& server() { return settings.servers.emplace_back().ssl.emplace(); }
    tickets find() { return find_tickets(settings, made, found); }
    // Which source each server has.
    static std::vector<certs::ticket_source*> sources(const tickets& all) {
        std::vector<certs::ticket_source*> of_servers;
        for (const auto place : all.of_server)
            of_servers.push_back(place == tickets::none ? nullptr : all.sources[place].from.get());
        return of_servers;
    }
};

}  // namespace

TEST_F(ticket_sources, servers_that_name_nothing_share_the_keys_of_the_process) {
    server();
    server().session_tickets = false;
    server();
    settings.servers.emplace_back();
    const auto all = find();
    EXPECT_EQ(sources(all), (std::vector<certs::ticket_source*>{made.get(), nullptr, made.get(), nullptr}));
    const auto sets = all.keys();
    EXPECT_EQ(all.of(0, sets), made->keys());
    EXPECT_EQ(all.of(1, sets), nullptr);
}

TEST_F(ticket_sources, servers_that_name_the_same_files_share_a_source_and_others_do_not) {
    server().session_ticket_key = {key};
    server().session_ticket_key = {key, other_key};
    server().session_ticket_key = {key};
    server().session_ticket_secret = {secret};
    server().session_ticket_secret = {secret};
    server();
    const auto all = find();
    const auto of = sources(all);
    EXPECT_EQ(lines(found), "");
    EXPECT_EQ(of[0], of[2]);
    EXPECT_EQ(of[3], of[4]);
    EXPECT_EQ(of[5], made.get());
    EXPECT_EQ(std::set(of.begin(), of.end()).size(), 4U);
    for (auto* one : of) EXPECT_NE(one->keys(), nullptr);
}

TEST_F(ticket_sources, what_is_said_for_all_servers_is_for_those_that_say_nothing) {
    settings.tls.session_ticket_secret = {secret};
    server();
    server().session_ticket_key = {key};
    const auto all = find();
    const auto of = sources(all);
    EXPECT_NE(of[0], made.get());
    EXPECT_NE(of[0], of[1]);
    EXPECT_EQ(all.of(1, all.keys())->sealing().name()[0], 'k');
}

TEST_F(ticket_sources, keys_are_kept_for_the_longest_session_timeout_of_their_servers) {
    settings.tls.session_ticket_rotation = 2h;
    server().session_timeout = 5min;
    server().session_timeout = 24h;
    server().session_timeout = 1h;
    const auto all = find();
    ASSERT_EQ(all.sources.size(), 1U);
    EXPECT_EQ(all.sources[0].terms.lifetime, 24h);
    EXPECT_EQ(all.sources[0].terms.rotation, 2h);
}

TEST_F(ticket_sources, looking_at_a_configuration_does_not_turn_the_keys_that_are_served) {
    const auto before = made->keys();
    server();
    static_cast<void>(find());
    EXPECT_EQ(made->keys(), before);
}

TEST_F(ticket_sources, a_secret_gives_the_keys_of_now) {
    server().session_ticket_secret = {secret};
    const auto epoch = std::time(nullptr) / 3600;
    const auto all = find();
    const certs::secret same({std::vector<std::uint8_t>(32, 's')});
    const auto expected = certs::derive_ticket_key(same, 1h, static_cast<std::uint64_t>(epoch));
    EXPECT_NE(all.keys()[0]->find(expected->name()), nullptr);
}

TEST_F(ticket_sources, problems_are_told_once_at_the_key_that_names_the_file) {
    settings.tls.session_ticket_key = {other_key, at.path("missing")};
    server().session_ticket_secret = {key, other_key};
    server().session_ticket_key = {at.write("short", "short")};
    static_cast<void>(find());
    ASSERT_EQ(found.size(), 2U) << lines(found);
    EXPECT_EQ(found[0].key, "tls.session_ticket_key[1]");
    EXPECT_EQ(found[1].key, "servers[1].ssl.session_ticket_key[0]");
}
