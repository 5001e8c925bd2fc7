// Access lines: gathered in each worker's own buffer, handed over in batches, written by one thread. A disk that is slow or
// full never holds up traffic: what does not fit is dropped and counted.
#pragma once

#include "config/settings.hpp"
#include "proxy/ops/output.hpp"
#include "proxy/ops/record.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace postern::ops {

class access_log {
public:
    access_log() = default;
    ~access_log();  // writes what was handed over
    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;

    // Where lines go from now on, in which form. The first call starts the writer. Empty, or why the file cannot be
    // opened (then the old one stays).
    [[nodiscard]] std::string configure(const config::log& settings);
    [[nodiscard]] std::string reopen();

    // --- any thread ---
    [[nodiscard]] bool off() const { return off_.load(std::memory_order_relaxed); }
    [[nodiscard]] config::log_format format() const { return format_.load(std::memory_order_relaxed); }
    void take(std::string&& lines, std::uint64_t count);
    // Lines that were not written, since the start.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    struct batch {
        std::string lines;
        std::uint64_t count;
    };
    // What may wait for the writer.
    static constexpr std::size_t most_waiting = 16 * 1024 * 1024;

    void run();

    std::mutex output_mutex_;
    output out_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<batch> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool stopping_ = false;
    std::atomic<bool> off_{true};
    std::atomic<config::log_format> format_{config::log_format::text};
    std::atomic<std::uint64_t> dropped_{0};
    std::thread writer_;
};

// One worker's share. Not thread-safe: the worker's own.
class access_buffer {
public:
    explicit access_buffer(access_log& log) : log_(log) {}

    void append(const connection_record& r);
    // To the writer; cheap when there is nothing.
    void hand_over();

private:
    static constexpr std::size_t full = 32 * 1024;
    access_log& log_;
    std::string lines_;
    std::uint64_t count_ = 0;
};

}  // namespace postern::ops
