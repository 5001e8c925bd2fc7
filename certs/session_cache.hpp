// TLS sessions that all workers may resume, as encoded bytes (nginx's `ssl_session_cache shared`). The one thing that
// workers share and write to. It knows bytes and time, and nothing of TLS.
#pragma once

#include "certs/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <span>

namespace postern::certs {

// Any thread may call anything. Sessions lie in shards with a lock each, which is held to link, unlink or copy one and
// never while bytes are wiped. In each shard the sessions stored first are the first to go when there is no room (nginx).
class session_cache {
public:
    using id_view = std::span<const std::uint8_t>;

    static constexpr std::size_t longest_id = 32;             // RFC 5246 section 7.4.1.3
    static constexpr std::size_t largest_session = 8 * 1024;  // encoded (nginx)

    // Keeps within `bytes` of memory, what its own bookkeeping takes included.
    explicit session_cache(std::size_t bytes);
    ~session_cache();
    session_cache(const session_cache&) = delete;
    session_cache& operator=(const session_cache&) = delete;

    // Keeps the session until this second of the wall clock is over, or until there is no more room for it; one with the
    // same id makes way for it. False: it was not kept, for its id, its size or its age.
    bool store(id_view id, secret encoded, std::time_t now, std::time_t until);
    // A copy; none when the session is unknown or its time is over.
    [[nodiscard]] std::optional<secret> find(id_view id, std::time_t now);
    void remove(id_view id);

    struct counts {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t evictions = 0;  // sessions that had to make room before their time was over
        std::size_t sessions = 0;     // kept now
        std::size_t bytes = 0;        // taken by them
    };
    [[nodiscard]] counts count() const;

private:
    struct shard;
    [[nodiscard]] shard& shard_of(id_view id) const;

    std::size_t shard_count_;
    std::size_t bytes_of_shard_;
    std::unique_ptr<shard[]> shards_;
};

}  // namespace postern::certs
