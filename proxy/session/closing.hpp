// How both sides hear of a connection's end: the table "How a connection ends" in proxy/README.md, closing side.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/net/net.hpp"
#include "proxy/net/readiness.hpp"
#include "proxy/net/stream.hpp"

#include <optional>

namespace postern::session {

// Ends the stream by a reset, once the other kernel has what was sent (for at most 5 s; `stopped` ends the wait): so the
// other side cannot take what it has for the whole.
[[nodiscard]] net::task<> reset_when_sent(net::stream& s, const std::optional<reason>& stopped);

// Says that no more is sent, once what was sent has left room for it. `for_good`: the socket is closed next, which ends the
// TCP connection too. False: it could not be said. `wait`, with its time for each wait, and the stream must outlive it.
[[nodiscard]] net::task<bool> finish(net::stream& s, net::readiness& wait, net::clock::duration within, bool for_good);

// Closes both sides of a connection that was, or was about to be, a tunnel. Null: that side never came to be, or (the
// client) has no TLS to end.
[[nodiscard]] net::task<> close_both(net::stream* client, net::stream* upstream, reason why,
                                     const std::optional<reason>& stopped);

}  // namespace postern::session
