// When exchanges begin. In the closed loop whoever is free begins the next one; in the open loop they come at a fixed
// rate, whether or not the server keeps up, and one that had to wait keeps the time at which it was due.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace postern::load {

using clock = std::chrono::steady_clock;

class arrivals {
public:
    // `rate` a second, 0 for the closed loop; `total` in all.
    arrivals(double rate, std::uint64_t total, clock::time_point begin) : rate_(rate), total_(total), begin_(begin) {}

    // To be asked by whoever is free: the time at which the next exchange was due, if that has come.
    std::optional<clock::time_point> take(clock::time_point now) {
        if (taken_ == total_) return std::nullopt;
        const auto due = rate_ > 0 ? *next() : now;
        if (due > now) return std::nullopt;
        ++taken_;
        return due;
    }

    // When to ask again; nothing in the closed loop or when all have begun.
    [[nodiscard]] std::optional<clock::time_point> next() const {
        if (rate_ <= 0 || taken_ == total_) return std::nullopt;
        return begin_ + std::chrono::duration_cast<clock::duration>(
                            std::chrono::duration<double>(static_cast<double>(taken_) / rate_));
    }

    [[nodiscard]] bool all_taken() const { return taken_ == total_; }

private:
    double rate_;
    std::uint64_t total_;
    clock::time_point begin_;
    std::uint64_t taken_ = 0;
};

}  // namespace postern::load
