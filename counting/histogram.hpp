// How long something took, counted by size: one thread writes, any reads, as with counter.hpp.
#pragma once

#include "counting/counter.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace postern::counting {

using nanoseconds = std::chrono::nanoseconds;

// As /metrics and /status tell times.
[[nodiscard]] inline double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// Of handshakes and of connects: 0.25 ms to 5 s.
inline constexpr std::array<nanoseconds, 14> short_waits{
    std::chrono::microseconds(250),  std::chrono::microseconds(500),  std::chrono::microseconds(1000),
    std::chrono::microseconds(2500), std::chrono::milliseconds(5),    std::chrono::milliseconds(10),
    std::chrono::milliseconds(25),   std::chrono::milliseconds(50),   std::chrono::milliseconds(100),
    std::chrono::milliseconds(250),  std::chrono::milliseconds(500),  std::chrono::milliseconds(1000),
    std::chrono::milliseconds(2500), std::chrono::milliseconds(5000),
};

// Of requests: 1 ms to 1 min.
inline constexpr std::array<nanoseconds, 14> long_waits{
    std::chrono::milliseconds(1),   std::chrono::milliseconds(5),   std::chrono::milliseconds(10),
    std::chrono::milliseconds(25),  std::chrono::milliseconds(50),  std::chrono::milliseconds(100),
    std::chrono::milliseconds(250), std::chrono::milliseconds(500), std::chrono::milliseconds(1000),
    std::chrono::seconds(2),        std::chrono::seconds(5),        std::chrono::seconds(10),
    std::chrono::seconds(30),       std::chrono::seconds(60),
};

// What histograms with the same bounds add up to.
struct distribution {
    std::span<const nanoseconds> bounds;  // upper ones, each included, ascending
    std::vector<std::uint64_t> counts;    // one for each bound, and one for what is beyond the last
    nanoseconds sum{};

    [[nodiscard]] std::uint64_t count() const {
        std::uint64_t all = 0;
        for (const auto n : counts) all += n;
        return all;
    }
};

template <const auto& Bounds>
class histogram {
public:
    void observe(nanoseconds took) {
        took = std::max(took, nanoseconds());
        const auto at = std::lower_bound(Bounds.begin(), Bounds.end(), took);
        counts_[static_cast<std::size_t>(at - Bounds.begin())].add();
        sum_.add(static_cast<std::uint64_t>(took.count()));
    }

    void add_to(distribution& all) const {
        all.bounds = Bounds;
        all.counts.resize(counts_.size());
        for (std::size_t i = 0; i < counts_.size(); ++i) all.counts[i] += counts_[i].value();
        all.sum += nanoseconds(static_cast<nanoseconds::rep>(sum_.value()));
    }

private:
    std::array<counter, Bounds.size() + 1> counts_;
    counter sum_;
};

}  // namespace postern::counting
