#include "proxy/ops/totals.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace postern::ops {
namespace {

void add(std::uint64_t& to, const counter& one) { to += one.value(); }

// Arrays of arrays of counters, to numbers in the same order.
template <class Number, class Counter, std::size_t N>
void add(std::array<Number, N>& to, const std::array<Counter, N>& ones) {
    for (std::size_t i = 0; i < N; ++i) add(to[i], ones[i]);
}

void add(listener_totals& to, const listener_counts& one) {
    // In this order: a connection that comes and goes meanwhile must not be closed before it was accepted.
    add(to.closed, one.closed);
    add(to.accepted, one.accepted);
    one.full.add_to(to.full);
    one.resumed.add_to(to.resumed);
    add(to.handshake_failures, one.handshake_failures);
    add(to.endings, one.endings);
    add(to.requests, one.requests);
    one.request_times.add_to(to.request_times);
    add(to.bytes_in, one.bytes.from_client);
    add(to.bytes_out, one.bytes.to_client);
}

void add(peer_totals& to, const upstream::peer_counts& one) {
    one.connects.add_to(to.connects);
    add(to.failures, one.failures);
    add(to.requests, one.requests);
    to.last_reached = std::max(to.last_reached, one.last_reached.value());
    to.last_failed = std::max(to.last_failed, one.last_failed.value());
}

}  // namespace

std::uint64_t listener_totals::failed() const {
    return std::accumulate(handshake_failures.begin(), handshake_failures.end(), std::uint64_t{0});
}

totals totals::of(const all_counts& all) {
    totals sum;
    const std::lock_guard lock(all.mutex_);
    for (const auto& one : all.workers_) sum.add(one);
    return sum;
}

void totals::keep_upstreams_of(const config::settings& served) {
    std::set<std::string> groups;
    std::set<std::pair<std::string, std::string>> known;
    const auto lead_to = [&](const config::destination& to) {
        if (to.type == config::destination::kind::none || !to.upstream.empty()) return;
        const auto address = config::to_string(to.address);
        groups.insert(address);
        known.emplace(address, address);
    };
    for (const auto& group : served.upstreams) {
        groups.insert(group.name);
        for (const auto& server : group.servers) known.emplace(group.name, config::to_string(server));
    }
    for (const auto& server : served.servers) {
        lead_to(server.proxy_pass);
        for (const auto& location : server.locations) lead_to(location.proxy_pass);
    }
    std::erase_if(peers, [&](const auto& one) { return !known.contains(one.first); });
    std::erase_if(unresolved, [&](const auto& one) { return !groups.contains(one.first); });
}

void totals::add(const worker_counts& one) {
    ++workers;
    ops::add(tickets_issued, one.tickets.issued);
    ops::add(tickets_accepted, one.tickets.accepted);
    ops::add(tickets_rejected, one.tickets.rejected);
    handshakes_in_flight += one.handshakes_in_flight.value();
    handshakes_waiting += one.handshakes_waiting.value();
    ops::add(tls_connections, one.tls_connections);
    const std::lock_guard lock(one.mutex_);
    for (const auto& [address, counts] : one.listeners_) ops::add(listeners[address], counts);
    for (const auto& [name, count] : one.unresolved_) ops::add(unresolved[name], count);
    for (const auto& [name, counts] : one.peers_) ops::add(peers[name], counts);
}

}  // namespace postern::ops
