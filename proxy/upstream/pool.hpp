// Connections to a group's peers that wait for their next request, on one worker. Bounded; the one that waits longest
// makes room (nginx's `keepalive`).
#pragma once

#include "config/settings.hpp"
#include "proxy/net/deadline.hpp"
#include "proxy/net/stream_socket.hpp"
#include "proxy/upstream/address.hpp"

#include <list>
#include <optional>
#include <string>

namespace postern::upstream {

class pool final : private net::deadline {
public:
    pool(const config::upstream& settings, net::deadlines& all);

    struct kept {
        net::stream_socket socket;
        std::string peer_text;
        unsigned served;  // requests so far
    };
    // The connection to `peer` that was used last and that is still good: open, with nothing said by the peer since, which
    // would be taken for the next answer.
    [[nodiscard]] std::optional<kept> take(const address& peer);
    // Takes a connection whose last response has been read whole. Closes it when none are kept, or it has served enough.
    void keep(kept connection, const address& peer);

    [[nodiscard]] std::size_t size() const { return idle_.size(); }

private:
    struct waiting {
        kept connection;
        address peer;
        net::clock::time_point since;
        std::uint64_t turn;  // of the loop, in which it came here
    };

    // Closes those that waited for too long, and those whose peer has closed.
    void expired() override;

    std::size_t most_;
    net::clock::duration longest_;
    unsigned most_requests_;
    net::deadlines& deadlines_;
    std::list<waiting> idle_;  // used last comes first
};

}  // namespace postern::upstream
