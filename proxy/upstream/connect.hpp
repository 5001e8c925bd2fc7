// From a group of peers to a connected socket: resolves names, takes the peers in turn, and tries the next one when a
// connect fails, since nothing has been sent yet. All on one worker's thread.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/net/deadline.hpp"
#include "proxy/net/latch.hpp"
#include "proxy/net/stream_socket.hpp"
#include "proxy/upstream/counts.hpp"
#include "proxy/upstream/group.hpp"
#include "proxy/upstream/pool.hpp"
#include "proxy/upstream/resolve.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace postern::upstream {

// What a worker gives to all its targets; must outlive them.
struct site {
    net::loop& loop;
    resolver& names;
};

// A group on one worker: the peers, the names among them kept resolved, and the connections kept to them. Held by shared_ptr, because the resolver's
// answer may come when the configuration that asked has gone.
class target : public std::enable_shared_from_this<target> {
public:
    target(const config::upstream& settings, site s, target_counts counts = {})
        : group_(settings),
          kept_(settings, s.loop.all_deadlines()),
          site_(s),
          name_(settings.name),
          counts_(std::move(counts)),
          news_(s.loop) {}

    [[nodiscard]] group& peers() { return group_; }
    [[nodiscard]] pool& kept() { return kept_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const site& where() const { return site_; }
    [[nodiscard]] counting::counter* unresolved() const { return counts_.unresolved; }
    // What is counted of this peer of the group; null: nobody counts.
    [[nodiscard]] peer_counts* counts_of(const peer& p) const {
        return p.server < counts_.of_servers.size() ? counts_.of_servers[p.server] : nullptr;
    }

    // Asks for the names that are due. Cheap when none is.
    void refresh();
    [[nodiscard]] bool resolving() const { return outstanding_ > 0; }
    // Until any answer to a running query has come in.
    [[nodiscard]] net::task<> answered() { return news_.wait(); }
    // What the last failed answer said.
    [[nodiscard]] const std::string& last_error() const { return last_error_; }
    // Wakes everybody in answered(), for those who have lost patience.
    void wake();

private:
    void take(std::size_t name, const answer& a);

    group group_;
    pool kept_;
    site site_;
    std::string name_;
    target_counts counts_;
    std::string last_error_;
    int outstanding_ = 0;
    net::latch news_;
};

struct connected {
    net::stream_socket socket;
    address peer;
    std::string peer_text;  // peer.text(), which is not cheap to make
    unsigned served = 0;    // requests that it has served before
};

// One attempt to reach a target, over as many peers as it takes. Lives in the session's frame while run() is awaited.
class connector final : private net::deadline {
public:
    enum class use : std::uint8_t {
        fresh,  // only a new connection will do
        kept,   // one that has been kept comes first, if it is still open
    };
    // `timeout`: for each peer, nginx's proxy_connect_timeout.
    connector(std::shared_ptr<target> to, net::clock::duration timeout, use u = use::fresh);

    [[nodiscard]] net::task<result<connected>> run();
    // run() fails soon, with reason `why`.
    void stop(reason why);

private:
    [[nodiscard]] net::task<result<connected>> try_peer(const address& peer);
    [[nodiscard]] static failure explain(net::error_code error, const address& peer);
    void expired() override;
    void interrupt();

    std::shared_ptr<target> target_;
    net::clock::duration timeout_;
    use use_;
    net::stream_socket* trying_ = nullptr;
    bool timed_out_ = false;
    bool stopped_ = false;
    reason stop_reason_ = reason::stopped;
};

}  // namespace postern::upstream
