// How durations spread, in little memory: 64 buckets for each power of two, so that a percentile is right to 1.6 %.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace postern::load {

class histogram {
public:
    void add(std::chrono::nanoseconds duration);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::chrono::nanoseconds largest() const { return largest_; }

    // What at least `share` (0 to 1) of the durations do not exceed; zero when there are none.
    [[nodiscard]] std::chrono::nanoseconds percentile(double share) const;

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::chrono::nanoseconds largest_{0};
};

}  // namespace postern::load
