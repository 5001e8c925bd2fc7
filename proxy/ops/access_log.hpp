// Access lines: gathered in each worker's own buffer, handed over in batches, written by one thread. A disk that is
// slow or full never holds up traffic: what does not fit is dropped, counted, and said in the diagnostics.
#pragma once

#include "config/settings.hpp"
#include "proxy/ops/output.hpp"
#include "proxy/ops/record.hpp"
#include "proxy/ops/request_record.hpp"

#include <atomic>
#include <chrono>
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
    // Writes what was handed over; a reader that does not read (a full pipe) is waited for at most 1 s.
    ~access_log();
    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;

    // Where lines go from now on, in which form. The first call starts the writer. Returns nothing, or why the file
    // cannot be opened (then nothing has changed). One that is open already stays open.
    [[nodiscard]] std::string configure(const config::log& settings);
    // Opens the file anew (SIGUSR1, after it was renamed). Returns as configure().
    [[nodiscard]] std::string reopen() { return out_.reopen(); }

    // --- any thread ---
    [[nodiscard]] bool off() const { return out_.off(); }
    [[nodiscard]] bool takes_labels() const { return out_.takes_labels(); }
    [[nodiscard]] config::log_format format() const { return format_.load(std::memory_order_relaxed); }
    // Whole lines, with their labels where takes_labels(), for the writer. Takes no longer than a lock that is never held while anything waits.
    void take(std::string&& lines);
    // Lines that were not written, since the start.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    // What may wait for the writer.
    static constexpr std::size_t most_waiting = 16 * 1024 * 1024;

    void run();
    void add_dropped(std::uint64_t lines);
    void tell_losses();

    output out_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool stopping_ = false;
    std::atomic<config::log_format> format_{config::log_format::text};
    std::atomic<std::uint64_t> dropped_{0};
    std::uint64_t told_ = 0;  // of dropped_; the writer's, as is the next
    std::chrono::steady_clock::time_point told_at_{};
    std::thread writer_;
};

// One worker's share. Not thread-safe: the worker's own.
class access_buffer {
public:
    explicit access_buffer(access_log& log) : log_(log) {}

    [[nodiscard]] bool off() const { return log_.off(); }
    // Nothing is kept while the log is off.
    void append(const connection_record& of, const connection_outcome& o);
    void append(const connection_record& of, const request_record& r);
    // To the writer. To be called a few times a second; costs nothing when there is nothing.
    void hand_over();

private:
    static constexpr std::size_t full = 32 * 1024;

    void append_any(const connection_record& of, const auto& what);

    access_log& log_;
    std::string lines_;
};

}  // namespace postern::ops
