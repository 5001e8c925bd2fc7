// The limits on handshakes a second, for the whole process: limits.handshake_rate and limits.handshake_rate_per_address.
// Workers share the counts, so that the figures mean what they say whatever the number of workers, and however unevenly
// the kernel spreads connections over them.
#pragma once

#include "config/settings.hpp"
#include "proxy/failure.hpp"
#include "proxy/net/net.hpp"
#include "proxy/tls/network_rates.hpp"
#include "proxy/tls/rate.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <optional>

namespace postern::session {

// See tls::network_of; 0 for a client without an IP address.
[[nodiscard]] std::uint64_t network_of(const sockaddr_storage& client);

class handshake_rates {
public:
    handshake_rates();

    // Counts a handshake that is about to begin; why it may not, when it may not. Any thread.
    [[nodiscard]] std::optional<reason> exceeded(const config::limits& by, std::uint64_t network,
                                                 net::clock::time_point now);

private:
    tls::shared_rate all_;
    tls::network_rates networks_;
};

}  // namespace postern::session
