// A limit of so many a second, of which a second's worth may come at once. The one number that is kept is the time when
// all of it will be there again (the virtual scheduling of ITU-T I.371, annex A), which is a token bucket without a
// refill. Pure: the time is given.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace postern::tls {

// Nanoseconds since any fixed point, the same for all calls; 0: all is there.
using rate_time = std::int64_t;

[[nodiscard]] inline rate_time to_rate_time(std::chrono::steady_clock::time_point t) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

// Takes one at `now` from what is all there again at `full_at`: the new such time, or nothing when it is too much.
// `rate`: 1 to 10^9. A rate that has changed in between holds for what comes.
[[nodiscard]] inline std::optional<rate_time> take_one(rate_time full_at, rate_time now, unsigned rate) {
    constexpr rate_time second = 1'000'000'000;
    const rate_time next = std::max(full_at, now) + second / rate;
    if (next - now > second) return std::nullopt;
    return next;
}

// One such limit that all threads take from.
class shared_rate {
public:
    [[nodiscard]] bool take(rate_time now, unsigned rate) {
        rate_time full_at = full_at_.load(std::memory_order_relaxed);
        for (;;) {
            const auto next = take_one(full_at, now, rate);
            if (!next) return false;
            if (full_at_.compare_exchange_weak(full_at, *next, std::memory_order_relaxed)) return true;
        }
    }

private:
    std::atomic<rate_time> full_at_{0};
};

}  // namespace postern::tls
