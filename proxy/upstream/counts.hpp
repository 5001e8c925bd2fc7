// What one worker counts of an upstream's peers. A peer here is an address as it is configured: what a name resolves to
// changes, and would be a new row each time.
#pragma once

#include "counting/counter.hpp"
#include "counting/histogram.hpp"
#include "proxy/failure.hpp"

#include <array>
#include <vector>

namespace postern::upstream {

// Why a connect fails that was tried.
inline constexpr std::array connect_reasons{reason::connect_refused, reason::connect_timeout, reason::connect_failed};

struct alignas(64) peer_counts {
    counting::histogram<counting::short_waits> connects;  // that came about
    std::array<counting::counter, connect_reasons.size()> failures;
    counting::counter requests;    // HTTP requests, or TCP connections, that were given to it
    counting::gauge last_reached;  // ns of the steady clock; 0: never
    counting::gauge last_failed;   // likewise; not when the want was ours

    void reached(counting::nanoseconds took, std::chrono::steady_clock::time_point now) {
        connects.observe(took);
        last_reached.set(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    }
    void failed(const failure& why, std::chrono::steady_clock::time_point now) {
        for (std::size_t i = 0; i < connect_reasons.size(); ++i)
            if (connect_reasons[i] == why.why) failures[i].add();
        if (why.by == party::upstream) last_failed.set(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    }
};

// Somebody else's, who keeps them until the process ends.
struct target_counts {
    counting::counter* unresolved = nullptr;  // attempts for which no name had an address; null: nobody counts
    std::vector<peer_counts*> of_servers;     // parallel to the group's `servers`; empty: nobody counts
};

}  // namespace postern::upstream
