// The counts of all workers added up, as values: what /metrics and /status tell is made from these.
#pragma once

#include "counting/histogram.hpp"
#include "proxy/ops/counts.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace postern::ops {

using by_reason = std::array<std::uint64_t, reason_count>;

struct listener_totals {
    std::uint64_t accepted = 0;
    std::uint64_t closed = 0;
    counting::distribution full;
    counting::distribution resumed;
    by_reason handshake_failures{};
    by_reason endings{};
    std::array<std::array<std::uint64_t, status_classes.size()>, http_methods.size()> requests{};
    counting::distribution request_times;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;

    [[nodiscard]] std::uint64_t active() const { return accepted > closed ? accepted - closed : 0; }
    [[nodiscard]] std::uint64_t failed() const;  // handshakes
};

struct peer_totals {
    counting::distribution connects;
    std::array<std::uint64_t, upstream::connect_reasons.size()> failures{};  // in the order of connect_reasons
    std::uint64_t requests = 0;
    std::uint64_t last_reached = 0;
    std::uint64_t last_failed = 0;

    // What the last attempt to connect says, whoever made it; true before the first one.
    [[nodiscard]] bool up() const { return last_failed == 0 || last_reached >= last_failed; }
};

struct totals {
    std::map<std::string, listener_totals> listeners;
    std::map<std::pair<std::string, std::string>, peer_totals> peers;  // by upstream and address
    std::map<std::string, std::uint64_t> unresolved;                   // by upstream
    std::array<std::array<std::array<std::uint64_t, tls_groups.size()>, tls_ciphers.size()>, tls_versions.size()>
        tls_connections{};
    std::uint64_t tickets_issued = 0;
    std::uint64_t tickets_accepted = 0;
    std::uint64_t tickets_rejected = 0;
    std::uint64_t handshakes_in_flight = 0;
    std::uint64_t handshakes_waiting = 0;
    std::size_t workers = 0;

    // As of now; while traffic goes on, two numbers need not be of the same moment.
    [[nodiscard]] static totals of(const all_counts& all);

    // Leaves out upstreams and peers that `served` does not name: what was once down, and is no longer asked, is no news.
    void keep_upstreams_of(const config::settings& served);

private:
    void add(const worker_counts& one);
};

}  // namespace postern::ops
