#include "proxy/tls/network_rates.hpp"

#include "proxy/wire/mix.hpp"

#include <algorithm>

namespace postern::tls {
namespace {

// Unlike any IPv6 prefix that can be a source: ff00::/8 is multicast (RFC 4291, section 2.7).
constexpr std::uint64_t ipv4 = 0xffff'ffff'0000'0000;
constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::uint64_t number(std::span<const std::uint8_t> bytes) {
    std::uint64_t all = 0;
    for (const auto byte : bytes) all = all << 8 | byte;
    return all;
}

}  // namespace

std::uint64_t network_of(std::span<const std::uint8_t> address) {
    if (address.size() == 4) return ipv4 | number(address);
    if (address.size() != 16) return 0;
    if (std::equal(mapped.begin(), mapped.end(), address.begin())) return ipv4 | number(address.last(4));
    return number(address.first(8));
}

bool network_rates::take(std::uint64_t network, rate_time now, unsigned rate) {
    const std::uint64_t place = wire::mixed(wire::mixed(network ^ seed_) + seed_);
    auto& [alone, sets] = shards_[place % shards];
    const std::lock_guard lock(alone);
    if (sets.empty()) sets.resize(sets_a_shard);
    auto& set = sets[place / shards % sets_a_shard];
    auto own = std::find_if(set.begin(), set.end(), [&](const entry& e) { return e.network == network; });
    if (own == set.end()) {
        // Whoever is all there again soonest loses least by being forgotten, and mostly nothing.
        own = std::min_element(set.begin(), set.end(),
                               [](const entry& a, const entry& b) { return a.full_at < b.full_at; });
        *own = {network, 0};
    }
    const auto next = take_one(own->full_at, now, rate);
    if (next) own->full_at = *next;
    return next.has_value();
}

}  // namespace postern::tls
