// One accepted connection, as all its stages know it, and what a stage is. Of what a stage needs for itself nothing stays
// when it is over: a connection that is silent is to keep little.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/net/net.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/ops/counts.hpp"
#include "proxy/ops/record.hpp"
#include "proxy/session/face.hpp"

#include <cstdint>
#include <memory>

namespace postern::session {

class worker;

struct connection {
    worker& on;
    face_ptr face;
    const listen_address& address;
    ops::listener_counts& counts;         // the worker's of that address
    std::uint64_t network;                // of the client, for limits.handshake_rate_per_address
    std::unique_ptr<net::stream> client;  // plain until its handshake has begun
    net::clock::time_point began;
    ops::connection_record record;
};

class stage {
public:
    virtual ~stage() = default;
    // Ends it from outside, soon and by its ordinary path.
    virtual void stop(reason why) = 0;
    // Takes no more requests; a tunnel goes on.
    virtual void drain() {}
};

// What a connection is for: all that comes after its opening.
class service : public stage {
public:
    // Until the connection is closed. Awaited once.
    [[nodiscard]] virtual net::task<> run() = 0;
    // Afterwards: how it ended.
    [[nodiscard]] virtual const failure& ending() const = 0;
    // What it has to say in the connection's access line. False: there is none, since its requests have theirs.
    [[nodiscard]] virtual bool tell(ops::connection_outcome& o) const = 0;
};

}  // namespace postern::session
