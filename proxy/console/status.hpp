// What a daemon's /status tells, as values. Counts are of all that has happened since its start; in a difference, of what
// happened between two readings.
#pragma once

#include "proxy/console/trouble.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::console {

// One count for each bound, which is in its bucket, and one for what is beyond the last; both empty where nobody tells.
struct histogram {
    std::vector<double> bounds;  // seconds, ascending
    std::vector<std::uint64_t> counts;
};

using reasons = std::map<std::string, std::uint64_t>;

struct listener {
    std::uint64_t open = 0;  // connections, now
    std::uint64_t accepted = 0;
    std::uint64_t full = 0;  // handshakes
    std::uint64_t resumed = 0;
    std::uint64_t failed = 0;
    reasons failures;
    histogram full_times;
    histogram resumed_times;
    std::uint64_t requests = 0;
    histogram request_times;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

struct peer {
    bool up = true;
    std::uint64_t requests = 0;
    std::uint64_t connects = 0;
    histogram connect_times;
    reasons failures;
};

struct upstream_group {
    std::map<std::string, peer> peers;  // by address
    std::uint64_t resolve_failed = 0;
};

struct certificate {
    std::string name;
    std::string not_before;
    std::string not_after;
    double days_left = 0;
    bool stapling = false;      // there is to be a staple
    std::string stapled_until;  // empty: there is none
};

struct revocation_list {
    std::string issuer;
    std::string next_update;
};

struct status {
    std::string version;
    std::string state;         // "serving"
    std::string started;       // empty: an older daemon, which does not tell
    std::string now;           // by the daemon's clock; empty like `started`
    std::string served_since;  // when what is served was read; empty: nothing is served yet
    std::uint64_t workers = 0;
    std::uint64_t reloads = 0;
    std::uint64_t refused_reloads = 0;
    std::uint64_t handshakes_in_flight = 0;
    std::uint64_t handshakes_waiting = 0;
    std::uint64_t tickets_issued = 0;
    std::uint64_t tickets_accepted = 0;
    std::uint64_t tickets_rejected = 0;
    std::optional<std::uint64_t> ticket_key_age;  // seconds
    std::map<std::string, listener> listeners;    // by address
    std::map<std::string, upstream_group> upstreams;
    std::vector<certificate> certificates;
    std::vector<revocation_list> revocation_lists;
};

// Reads the JSON that another process says: keys that are unknown are passed over, those of a later version may be
// missing, and a value of another kind than its key has is trouble. No text in it has control characters then.
[[nodiscard]] result<status> read_status(std::string_view text);

}  // namespace postern::console
