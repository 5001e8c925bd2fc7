#include "proxy/session/handshake_rates.hpp"

#include <netinet/in.h>

#include <random>

namespace postern::session {

std::uint64_t network_of(const sockaddr_storage& client) {
    const auto bytes = [](const auto& address) {
        return tls::network_of({reinterpret_cast<const std::uint8_t*>(&address), sizeof address});
    };
    switch (client.ss_family) {
        case AF_INET: return bytes(reinterpret_cast<const sockaddr_in&>(client).sin_addr);
        case AF_INET6: return bytes(reinterpret_cast<const sockaddr_in6&>(client).sin6_addr);
        default: return 0;
    }
}

handshake_rates::handshake_rates() : networks_(std::random_device{}() | std::uint64_t{std::random_device{}()} << 32) {}

std::optional<reason> handshake_rates::exceeded(const config::limits& by, std::uint64_t network,
                                                net::clock::time_point now) {
    const auto at = tls::to_rate_time(now);
    // The client's own limit first: what it has too much shall not use up what is there for all.
    const unsigned own = by.handshake_rate_per_address;
    if (own != 0 && network != 0 && !networks_.take(network, at, own)) return reason::address_rate;
    if (by.handshake_rate != 0 && !all_.take(at, by.handshake_rate)) return reason::handshake_rate;
    return std::nullopt;
}

}  // namespace postern::session
