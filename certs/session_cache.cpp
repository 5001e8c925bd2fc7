#include "certs/session_cache.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <set>
#include <string_view>

namespace postern::certs {
namespace {

// Enough that workers seldom meet, each large enough for several sessions of the largest size.
constexpr std::size_t most_shards = 16;
constexpr std::size_t least_bytes_of_shard = 64 * 1024;
// What a session takes beside its bytes: three blocks of the allocator.
constexpr std::size_t bookkeeping = 176;
// A store frees more than it takes, and yet holds the lock for a bounded time.
constexpr int most_expired_at_once = 2;

struct entry {
    std::array<std::uint8_t, session_cache::longest_id> id{};
    std::uint8_t id_length = 0;
    std::time_t until = 0;
    secret encoded;
};

using entries = std::list<entry>;

std::string_view text_of(session_cache::id_view id) { return {reinterpret_cast<const char*>(id.data()), id.size()}; }

std::string_view id_of(const entry& e) { return text_of(std::span(e.id).first(e.id_length)); }

struct by_id {
    using is_transparent = void;
    bool operator()(entries::iterator a, entries::iterator b) const { return id_of(*a) < id_of(*b); }
    bool operator()(entries::iterator a, std::string_view b) const { return id_of(*a) < b; }
    bool operator()(std::string_view a, entries::iterator b) const { return a < id_of(*b); }
};

std::size_t cost_of(const secret& encoded) { return encoded.bytes().size() + bookkeeping; }

entry make_entry(session_cache::id_view id, secret encoded, std::time_t until) {
    entry made;
    std::copy(id.begin(), id.end(), made.id.begin());
    made.id_length = static_cast<std::uint8_t>(id.size());
    made.until = until;
    made.encoded = std::move(encoded);
    return made;
}

}  // namespace

// On a cache line of its own.
struct alignas(64) session_cache::shard {
    mutable std::mutex mutex;
    entries oldest_first;
    std::set<entries::iterator, by_id> index;
    counts counted;  // `sessions` is the size of the index

    // The entry goes to `dropped`, which is made before the lock and so wiped after it.
    void drop(entries::iterator which, entries& dropped) {
        index.erase(which);
        counted.bytes -= cost_of(which->encoded);
        dropped.splice(dropped.end(), oldest_first, which);
    }

    void drop(id_view id, entries& dropped) {
        const auto found = index.find(text_of(id));
        if (found != index.end()) drop(*found, dropped);
    }

    void drop_expired(std::time_t now, entries& dropped) {
        for (int i = 0; i < most_expired_at_once && !oldest_first.empty() && oldest_first.front().until < now; ++i)
            drop(oldest_first.begin(), dropped);
    }

    void make_room(std::size_t wanted, std::size_t all, std::time_t now, entries& dropped) {
        while (counted.bytes + wanted > all) {
            if (oldest_first.front().until >= now) ++counted.evictions;
            drop(oldest_first.begin(), dropped);
        }
    }
};

session_cache::session_cache(std::size_t bytes)
    : shard_count_(std::clamp<std::size_t>(bytes / least_bytes_of_shard, 1, most_shards)),
      bytes_of_shard_(bytes / shard_count_),
      shards_(std::make_unique<shard[]>(shard_count_)) {}

session_cache::~session_cache() = default;

bool session_cache::store(id_view id, secret encoded, std::time_t now, std::time_t until) {
    const std::size_t size = encoded.bytes().size();
    const std::size_t cost = cost_of(encoded);
    if (id.empty() || id.size() > longest_id || size == 0 || size > largest_session || until < now) return false;
    if (cost > bytes_of_shard_) return false;
    entries dropped;
    entries fresh;
    fresh.push_back(make_entry(id, std::move(encoded), until));
    auto& at = shard_of(id);
    const std::lock_guard lock(at.mutex);
    at.drop(id, dropped);
    at.drop_expired(now, dropped);
    at.make_room(cost, bytes_of_shard_, now, dropped);
    at.index.insert(fresh.begin());
    at.oldest_first.splice(at.oldest_first.end(), fresh);
    at.counted.bytes += cost;
    return true;
}

std::optional<secret> session_cache::find(id_view id, std::time_t now) {
    if (id.empty()) return std::nullopt;
    entries dropped;
    auto& at = shard_of(id);
    const std::lock_guard lock(at.mutex);
    const auto found = at.index.find(text_of(id));
    const bool known = found != at.index.end();
    if (!known || (*found)->until < now) {
        ++at.counted.misses;
        if (known) at.drop(*found, dropped);
        return std::nullopt;
    }
    ++at.counted.hits;
    const auto bytes = (*found)->encoded.bytes();
    return secret({bytes.begin(), bytes.end()});
}

void session_cache::remove(id_view id) {
    if (id.empty()) return;
    entries dropped;
    auto& at = shard_of(id);
    const std::lock_guard lock(at.mutex);
    at.drop(id, dropped);
}

session_cache::counts session_cache::count() const {
    counts all;
    for (std::size_t i = 0; i < shard_count_; ++i) {
        const auto& one = shards_[i];
        const std::lock_guard lock(one.mutex);
        all.hits += one.counted.hits;
        all.misses += one.counted.misses;
        all.evictions += one.counted.evictions;
        all.sessions += one.index.size();
        all.bytes += one.counted.bytes;
    }
    return all;
}

// Servers draw their ids at random, so that one byte spreads them evenly.
session_cache::shard& session_cache::shard_of(id_view id) const { return shards_[id.back() % shard_count_]; }

}  // namespace postern::certs
