// The peers of a destination: whose turn it is, who is put aside after failures, which names are due to be resolved.
// Pure: no socket, no clock; one worker's own.
#pragma once

#include "config/settings.hpp"
#include "proxy/upstream/address.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::upstream {

using time_point = std::chrono::steady_clock::time_point;

// What the resolver says of a name.
struct answer {
    std::vector<address> addresses;  // port 0
    std::chrono::seconds ttl{1};     // 1 s to 30 s
    std::string error;               // empty when there are addresses
};

// One address of a group, and its fortunes. Connections hold it by shared_ptr: its name may resolve otherwise meanwhile.
struct peer {
    address addr;
    std::size_t server = 0;  // of the group, as configured: whose address it is
    unsigned fails = 0;      // since first_fail
    time_point first_fail{};
    std::optional<time_point> aside_until;  // set by too many failures, unset by a success alone
};

// What names meant when they were last resolved, by name and port.
using known_addresses = std::map<std::pair<std::string, std::uint16_t>, std::vector<address>>;

class group {
public:
    explicit group(const config::upstream& settings);

    // Adds what is known of this group's names, for a group of the next configuration.
    void tell(known_addresses& to) const;
    // Uses what is known of its names until they are resolved, which is due all the same.
    void begin_with(const known_addresses& known);

    [[nodiscard]] bool empty() const { return peers_.empty(); }
    [[nodiscard]] const std::vector<std::shared_ptr<peer>>& peers() const { return peers_; }

    // nginx's max_fails and fail_timeout: that many failures within the time put a peer aside for the time; after it, one
    // connection at a time tries whether it is back. max_fails of 0: never aside.
    void report_failure(peer& p, time_point now);
    // Of a connection to `p` that has come about.
    void report_success(peer& p);

    // The names to resolve now, by index; each must be answered with resolved(). Due again when its answer's TTL has
    // ended or a connect to one of its addresses has failed, but not within a second of the answer.
    [[nodiscard]] std::vector<std::size_t> due(time_point now);
    [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index].host; }
    // An answer with an error leaves the old addresses in use.
    void resolved(std::size_t name, const answer& a, time_point now);

private:
    friend class attempt;

    struct resolvable {
        std::string host;
        std::uint16_t port;
        std::size_t server;
        time_point answered{};
        time_point next{};  // when it is due; the beginning of time: at once
        bool asked = false;
        std::vector<std::shared_ptr<peer>> found = {};
    };

    // Takes the addresses of a name, with the fortunes of those that it had before.
    void take(resolvable& name, const std::vector<address>& addresses);
    void collect();

    unsigned max_fails_;
    std::chrono::milliseconds fail_timeout_;
    std::vector<std::shared_ptr<peer>> fixed_;  // literal addresses
    std::vector<resolvable> names_;
    std::vector<std::shared_ptr<peer>> peers_;  // all of them
    std::size_t turn_ = 0;
};

// One client's search for a peer that answers: each is tried once at most.
class attempt {
public:
    explicit attempt(group& of) : group_(of) {}

    // The next peer by turn that has not been tried and is not aside; those that are come last, since a doubtful peer is
    // better than none. Null when none is left.
    [[nodiscard]] std::shared_ptr<peer> next(time_point now);

private:
    [[nodiscard]] bool tried(const peer& p) const;

    group& group_;
    std::vector<std::shared_ptr<peer>> tried_;
};

}  // namespace postern::upstream
