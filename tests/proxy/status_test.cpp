// What /status tells, value by value.
#include "proxy/status.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <array>

using namespace postern;
using namespace std::chrono_literals;

namespace {

const std::chrono::system_clock::time_point noon{1'700'049'600s};
const failure refused{party::upstream, phase::connect, reason::connect_refused, {}};

struct status : testing::Test {
    ops::all_counts all;
    ops::worker_counts& worker = all.add_worker();
    status_facts facts;

    boost::json::value told() {
        facts.traffic = ops::totals::of(all);
        return boost::json::parse(status_text(facts));
    }

    // The value at this pointer, as JSON.
    std::string at(std::string_view pointer) {
        return boost::json::serialize(told().at_pointer({pointer.data(), pointer.size()}));
    }

    double number(std::string_view pointer) {
        return told().at_pointer({pointer.data(), pointer.size()}).to_number<double>();
    }
};

}  // namespace

TEST_F(status, times_are_a_count_of_each_bucket_and_one_of_what_is_beyond) {
    auto& l = worker.listener("127.0.0.1:443");
    l.full.observe(250us);  // a bound is in its bucket
    l.full.observe(251us);
    l.full.observe(300us);
    l.full.observe(9s);
    l.resumed.observe(2ms);
    EXPECT_EQ(at("/listeners/0/handshakes/times/full/counts"), "[1,2,0,0,0,0,0,0,0,0,0,0,0,0,1]");
    EXPECT_DOUBLE_EQ(number("/listeners/0/handshakes/times/full/bounds_s/0"), 0.00025);
    EXPECT_DOUBLE_EQ(number("/listeners/0/handshakes/times/full/bounds_s/13"), 5);
    EXPECT_DOUBLE_EQ(number("/listeners/0/handshakes/times/full/sum_s"), 9.000801);
    EXPECT_EQ(at("/listeners/0/handshakes/times/resumed/counts"), "[0,0,0,1,0,0,0,0,0,0,0,0,0,0,0]");
}

TEST_F(status, requests_have_times_of_their_own) {
    auto& l = worker.listener("127.0.0.1:443");
    l.request_times.observe(61s);
    l.request_times.observe(60s);
    EXPECT_EQ(at("/listeners/0/request_times/counts"), "[0,0,0,0,0,0,0,0,0,0,0,0,0,1,1]");
    EXPECT_DOUBLE_EQ(number("/listeners/0/request_times/bounds_s/13"), 60);
    EXPECT_EQ(at("/listeners/0/requests"), "2");
}

TEST_F(status, each_peer_has_the_times_of_its_connects) {
    config::upstream group;
    group.name = "web";
    for (const auto port : std::array<std::uint16_t, 2>{1, 2})
        group.servers.push_back({config::endpoint::kind::tcp, "127.0.0.1", port, {}});
    const auto peers = worker.target(group).of_servers;
    peers.at(0)->reached(20ms, std::chrono::steady_clock::time_point(12h));
    peers.at(1)->failed(refused, std::chrono::steady_clock::time_point(12h));
    EXPECT_EQ(at("/upstreams/0/peers/0/connect_times/counts"), "[0,0,0,0,0,0,1,0,0,0,0,0,0,0,0]");
    EXPECT_EQ(at("/upstreams/0/peers/1/connect_times/counts"), "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]");
    EXPECT_EQ(at("/upstreams/0/peers/1/failures"), R"({"connect_refused":1})");
}

TEST_F(status, a_certificate_for_hours_has_days_left_until_its_end) {
    facts.has.certificates.push_back({"a.example.org", "01", noon, noon + 2h, false, {}});
    for (const auto& [at_time, left] : {std::pair{noon, "8.333E-2"}, std::pair{noon + 2h + 1min, "-7E-4"}}) {
        facts.now = at_time;
        EXPECT_EQ(at("/certificates/0/days_left"), left);
    }
}

TEST_F(status, a_certificate_tells_whether_it_is_to_be_stapled) {
    session::inventory::certificate one{"a.example.org", "01", noon, noon + 36h, false, {}};
    facts.has.certificates.push_back(one);
    one.to_be_stapled = true;
    facts.has.certificates.push_back(one);
    one.staple_ends = noon + 1h;
    facts.has.certificates.push_back(one);
    facts.now = noon;
    EXPECT_EQ(at("/certificates/0/days_left"), "1.5E0");
    EXPECT_EQ(at("/certificates/0/stapling"), "false");
    EXPECT_EQ(at("/certificates/1/stapling"), "true");
    EXPECT_EQ(at("/certificates/1/stapled_until"), "null");
    EXPECT_EQ(at("/certificates/2/stapled_until"), R"("2023-11-15T13:00:00.000Z")");
}

TEST_F(status, tells_when_the_process_began_and_what_time_it_is_and_nothing_of_what_is_not_served_yet) {
    facts.started = noon;
    facts.now = noon + 1h;
    EXPECT_EQ(at("/started"), R"("2023-11-15T12:00:00.000Z")");
    EXPECT_EQ(at("/now"), R"("2023-11-15T13:00:00.000Z")");
    EXPECT_EQ(at("/reloads/served_since"), "null");
    facts.served_since = noon;
    EXPECT_EQ(at("/reloads/served_since"), R"("2023-11-15T12:00:00.000Z")");
}
