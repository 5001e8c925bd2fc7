// What workers count, added up.
#include "proxy/ops/totals.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::ops;
using namespace std::chrono_literals;

namespace {

config::upstream group(const std::string& name, std::initializer_list<std::uint16_t> ports) {
    config::upstream made;
    made.name = name;
    for (const auto port : ports) made.servers.push_back({config::endpoint::kind::tcp, "127.0.0.1", port, {}});
    return made;
}

tls_record handshake(bool resumed, std::string_view cipher = "TLS_AES_128_GCM_SHA256",
                     std::string_view group = "X25519") {
    return {"TLSv1.3", cipher, group, resumed, 2ms};
}

const failure refused{party::upstream, phase::connect, reason::connect_refused, {}};
const std::chrono::steady_clock::time_point noon{12h};

}  // namespace

TEST(totals, all_workers_add_up_by_listener) {
    all_counts all;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        auto& worker = all.add_worker();
        auto& at = worker.listener("127.0.0.1:443");
        at.accepted.add(10 * i);
        at.closed.add(i);
        worker.listener("[::1]:443").accepted.add();
        worker.handshakes_in_flight.set(2);
    }
    const auto sum = totals::of(all);
    EXPECT_EQ(sum.workers, 3U);
    ASSERT_EQ(sum.listeners.size(), 2U);
    EXPECT_EQ(sum.listeners.at("127.0.0.1:443").accepted, 60U);
    EXPECT_EQ(sum.listeners.at("127.0.0.1:443").active(), 54U);
    EXPECT_EQ(sum.listeners.at("[::1]:443").accepted, 3U);
    EXPECT_EQ(sum.handshakes_in_flight, 6U);
}

TEST(totals, a_reload_counts_on_where_an_address_or_an_upstream_stays) {
    all_counts all;
    auto& worker = all.add_worker();
    worker.listener("127.0.0.1:443").accepted.add();
    worker.listener("127.0.0.1:443").accepted.add();
    worker.target(group("web", {1, 2})).of_servers.at(1)->requests.add();
    worker.target(group("web", {2, 3})).of_servers.at(0)->requests.add();
    const auto sum = totals::of(all);
    EXPECT_EQ(sum.listeners.at("127.0.0.1:443").accepted, 2U);
    EXPECT_EQ(sum.peers.at({"web", "127.0.0.1:2"}).requests, 2U);
    EXPECT_EQ(sum.peers.size(), 3U);
}

TEST(totals, handshakes_are_told_apart_by_whether_they_resumed) {
    all_counts all;
    auto& worker = all.add_worker();
    auto& at = worker.listener("a");
    worker.shook_hands(at, handshake(false));
    worker.shook_hands(at, handshake(true));
    worker.shook_hands(at, handshake(true));
    const auto sum = totals::of(all).listeners.at("a");
    EXPECT_EQ(sum.full.count(), 1U);
    EXPECT_EQ(sum.resumed.count(), 2U);
    EXPECT_EQ(sum.resumed.sum, 4ms);
}

TEST(totals, what_clients_and_networks_do_in_good_order_and_our_own_end_fail_no_handshake) {
    all_counts all;
    auto& at = all.add_worker().listener("a");
    using enum reason;
    for (const auto why : {client_gone, client_reset, client_error, drain_timeout, stopped})
        at.ended_before_handshake(why);
    EXPECT_EQ(totals::of(all).listeners.at("a").failed(), 0U);
    // The first and the last of the handshake's own.
    for (const auto why : {not_tls, shed, internal}) at.ended_before_handshake(why);
    EXPECT_EQ(totals::of(all).listeners.at("a").failed(), 3U);
}

TEST(totals, what_handshakes_agree_on_is_counted_by_known_words) {
    all_counts all;
    auto& worker = all.add_worker();
    auto& at = worker.listener("a");
    worker.shook_hands(at, handshake(false, "TLS_AES_128_GCM_SHA256", "X25519"));
    worker.shook_hands(at, handshake(false, "TLS_OF_TOMORROW", "mlkem"));
    worker.shook_hands(at, handshake(true, "ECDHE-RSA-AES128-GCM-SHA256", ""));
    const auto of = totals::of(all).tls_connections[tls_versions.place_of("TLSv1.3")];
    EXPECT_EQ(of[tls_ciphers.place_of("TLS_AES_128_GCM_SHA256")][tls_groups.place_of("X25519")], 1U);
    EXPECT_EQ(of[tls_ciphers.size() - 1][tls_groups.size() - 1], 1U);
    EXPECT_EQ(of[tls_ciphers.place_of("ECDHE-RSA-AES128-GCM-SHA256")][tls_groups.place_of("none")], 1U);
}

TEST(totals, a_request_counts_by_method_status_and_reason) {
    all_counts all;
    auto& at = all.add_worker().listener("a");
    request_record r;
    r.method = "GET";
    r.status = 502;
    r.lasted = 3ms;
    r.why = reason::connect_refused;
    at.answered(r);
    const auto sum = totals::of(all).listeners.at("a");
    EXPECT_EQ(sum.requests[http_methods.place_of("GET")][status_class(502)], 1U);
    EXPECT_EQ(sum.request_times.sum, 3ms);
    EXPECT_EQ(sum.endings[static_cast<std::size_t>(reason::connect_refused)], 1U);
}

TEST(totals, a_peer_is_up_as_the_last_connect_of_any_worker_says) {
    all_counts all;
    auto& one = *all.add_worker().target(group("web", {1})).of_servers.at(0);
    auto& other = *all.add_worker().target(group("web", {1})).of_servers.at(0);
    const auto up = [&] { return totals::of(all).peers.at({"web", "127.0.0.1:1"}).up(); };
    EXPECT_TRUE(up());
    one.failed(refused, noon);
    EXPECT_FALSE(up());
    other.reached(1ms, noon + 1s);
    EXPECT_TRUE(up());
    other.failed(refused, noon + 2s);
    one.failed(refused, noon + 2s);
    EXPECT_FALSE(up());
    EXPECT_EQ(totals::of(all).peers.at({"web", "127.0.0.1:1"}).failures.front(), 3U);
}

TEST(totals, a_shortage_of_ours_does_not_bring_a_peer_down) {
    all_counts all;
    auto& peer = *all.add_worker().target(group("web", {1})).of_servers.at(0);
    peer.failed({party::postern, phase::connect, reason::connect_failed, {}}, noon);
    const auto sum = totals::of(all).peers.at({"web", "127.0.0.1:1"});
    EXPECT_TRUE(sum.up());
    EXPECT_EQ(sum.failures.back(), 1U);
}

TEST(totals, what_is_no_longer_configured_is_left_out) {
    all_counts all;
    auto& worker = all.add_worker();
    static_cast<void>(worker.target(group("web", {1, 2})));
    static_cast<void>(worker.target(group("old", {3})));
    static_cast<void>(worker.target(group("127.0.0.1:4", {4})));
    static_cast<void>(worker.target(group("127.0.0.1:5", {5})));
    static_cast<void>(worker.target(group("127.0.0.1:6", {6})));
    config::settings served;
    served.upstreams = {group("web", {2, 7})};
    auto& server = served.servers.emplace_back();
    server.proxy_pass.type = config::destination::kind::tcp;
    server.proxy_pass.address = {config::endpoint::kind::tcp, "127.0.0.1", 4, {}};
    auto& location = server.locations.emplace_back();
    location.proxy_pass.type = config::destination::kind::http;
    location.proxy_pass.address = {config::endpoint::kind::tcp, "127.0.0.1", 5, {}};
    auto sum = totals::of(all);
    sum.keep_upstreams_of(served);
    std::vector<std::string> left;
    for (const auto& [name, peer] : sum.peers) left.push_back(name.first + " " + name.second);
    EXPECT_EQ(left,
              (std::vector<std::string>{"127.0.0.1:4 127.0.0.1:4", "127.0.0.1:5 127.0.0.1:5", "web 127.0.0.1:2"}));
    EXPECT_EQ(sum.unresolved.size(), 3U);
}
