// A rate for each client network, in a table that never grows: what was used least lately makes room. Any thread.
#pragma once

#include "proxy/tls/rate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace postern::tls {

// Who is counted as one: an IPv4 address, also where it comes mapped into IPv6, or the /64 of an IPv6 address, which is
// what one customer has at least. `address`: 4 or 16 bytes as they are sent; of any other length there is no such, 0.
[[nodiscard]] std::uint64_t network_of(std::span<const std::uint8_t> address);

class network_rates {
public:
    // Networks that are remembered at the same time, at 16 bytes each. One that is not used up is the same as one that
    // is not there, so only those that came within the last second need a place.
    static constexpr std::size_t most = 64 * 1024;

    // `seed`: secret, so that nobody can choose whom he pushes out.
    explicit network_rates(std::uint64_t seed) : seed_(seed) {}

    [[nodiscard]] bool take(std::uint64_t network, rate_time now, unsigned rate);

private:
    struct entry {
        std::uint64_t network = 0;
        rate_time full_at = 0;
    };
    static constexpr std::size_t ways = 8;  // places where a network may be
    static constexpr std::size_t shards = 16;
    static constexpr std::size_t sets_a_shard = most / ways / shards;
    struct shard {
        std::mutex alone;
        std::vector<std::array<entry, ways>> sets;  // made at the first use
    };

    std::array<shard, shards> shards_;
    const std::uint64_t seed_;
};

}  // namespace postern::tls
