// What one worker needs of a snapshot: TLS contexts in its own library context, and upstream groups with their peers'
// fortunes. Sessions hold the face that they began with; the count is the worker's own and not atomic.
#pragma once

#include "certs/context.hpp"
#include "proxy/failure.hpp"
#include "proxy/ops/counts.hpp"
#include "proxy/session/snapshot.hpp"
#include "proxy/upstream/connect.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <memory>
#include <vector>

namespace postern::session {

class face : public boost::intrusive_ref_counter<face, boost::thread_unsafe_counter> {
public:
    // `before`: the face that this one takes the place of, whose names mean what they did until they are resolved again;
    // null: there is none. `staples` holds those of the snapshot; that, and the worker's `counts`, outlive the face.
    face(std::shared_ptr<const session::snapshot> of, const certs::library& library, certs::staple_shelf& staples,
         upstream::site site, ops::worker_counts& counts, const face* before);

    [[nodiscard]] const session::snapshot& snapshot() const { return *snapshot_; }
    [[nodiscard]] const config::server& server(std::size_t index) const { return snapshot_->settings.servers[index]; }

    // The server's TLS context, made at its first use (1,000 servers need not cost 1,000 contexts in each worker). Null
    // when it cannot be made, which the loader has ruled out but for want of memory.
    [[nodiscard]] SSL_CTX* context(std::size_t server);
    // The keys of the server's tickets now; null where it has none.
    [[nodiscard]] const certs::ticket_keys* ticket_keys(std::size_t server) const {
        return snapshot_->tickets.of(server, ticket_keys_).get();
    }
    // From now on these, one set of each of the snapshot's sources, seal and open tickets.
    void use(ticket_key_sets next);
    // Where the server forwards to, or one of its locations (null: the server itself).
    [[nodiscard]] upstream::target& target(std::size_t server, const config::location* at = nullptr);
    // The location's proxy_connect_timeout, else the group's, else the server's.
    [[nodiscard]] std::chrono::milliseconds connect_timeout(std::size_t server,
                                                            const config::location* at = nullptr) const;

private:
    [[nodiscard]] upstream::known_addresses known() const;

    std::shared_ptr<const session::snapshot> snapshot_;
    const certs::library& library_;
    certs::staple_shelf& staples_;
    ops::worker_counts& counts_;
    std::vector<certs::server_context> contexts_;
    ticket_key_sets ticket_keys_;
    struct server_targets {
        std::shared_ptr<upstream::target> own;
        std::vector<std::shared_ptr<upstream::target>> of_locations;  // parallel to server.locations
    };
    std::vector<server_targets> targets_;  // all that lead to one group share its target
};

using face_ptr = boost::intrusive_ptr<face>;

}  // namespace postern::session
