// Where lines go: stdout, stderr or a file that can be opened anew. Shared by diagnostics and access lines.
//
// One thread writes, any other may say where to. Only the writer ever waits for a slow reader: who opens hands the new
// descriptor over and goes on, so that a full pipe cannot hold up a reload or the end.
#pragma once

#include "proxy/net/socket.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace postern::ops {

class output {
public:
    // --- any thread ---

    // "stdout", "stderr", "off" or a path (created 0640, appended to). What is open already stays as it is. Returns
    // nothing, or the target and the system's words; then nothing has changed.
    [[nodiscard]] std::string open(const std::string& target);
    // Opens the same target again, for a file that was renamed. Returns as open().
    [[nodiscard]] std::string reopen();
    [[nodiscard]] bool off() const { return off_.load(std::memory_order_relaxed); }
    // From now on a reader that does not read is waited for at most `grace` more, in all.
    void hurry(std::chrono::milliseconds grace);

    // --- the writer ---

    // Returns how many bytes were written or (when off) not wanted: less than all on a full disk, a closed pipe, or
    // a reader that is too slow after hurry(). A line that was cut short is ended before the next one begins.
    [[nodiscard]] std::size_t write(std::string_view lines);

private:
    void hand_over(net::unique_fd fd);
    void take_next();
    [[nodiscard]] std::size_t put(std::string_view bytes) const;
    [[nodiscard]] bool wait_for_reader() const;

    std::mutex mutex_;
    std::string target_ = "off";
    std::optional<net::unique_fd> next_;  // opened, and not yet in the writer's hands
    std::atomic<bool> off_{true};
    std::atomic<std::chrono::steady_clock::time_point> no_later_{std::chrono::steady_clock::time_point::max()};

    // The writer's own.
    net::unique_fd fd_;
    bool may_block_ = false;
    bool cut_short_ = false;
};

}  // namespace postern::ops
