#include "bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace postern::load {

namespace {

// Up to 127 a bucket is one nanosecond wide. Above, the seven leading bits choose it.
std::size_t bucket_of(std::uint64_t value) {
    const auto dropped = static_cast<unsigned>(std::max(0, static_cast<int>(std::bit_width(value)) - 7));
    return dropped * std::size_t{64} + (value >> dropped);
}

std::uint64_t last_value_of(std::size_t bucket) {
    if (bucket < 128) return bucket;
    const auto dropped = bucket / 64 - 1;
    return ((bucket - dropped * 64 + 1) << dropped) - 1;
}

}  // namespace

void histogram::add(std::chrono::nanoseconds duration) {
    const auto bucket = bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    largest_ = std::max(largest_, duration);
}

std::chrono::nanoseconds histogram::percentile(double share) const {
    const auto wanted = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (static_cast<double>(seen) >= wanted) {
            return std::min(largest_, std::chrono::nanoseconds(last_value_of(bucket)));
        }
    }
    return std::chrono::nanoseconds(0);
}

}  // namespace postern::load
