// Numbers that one thread changes and any thread reads, for what is counted on the traffic's path: a relaxed load and a
// store, no lock and no read-modify-write. Two threads that wrote to one would lose counts.
#pragma once

#include <atomic>
#include <cstdint>

namespace postern::counting {

// Never goes down.
class counter {
public:
    void add(std::uint64_t n = 1) { value_.store(value() + n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class gauge {
public:
    void set(std::uint64_t now) { value_.store(now, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace postern::counting
