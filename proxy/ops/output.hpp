// Where lines go: a file that can be opened anew, stdout, stderr, syslog or the journal. Shared by diagnostics and access
// lines.
//
// One thread writes, any other may say where to. Only the writer ever waits for a slow reader: who opens hands the new
// destination over and goes on, so that a full pipe cannot hold up a reload or the end.
#pragma once

#include "config/log_target.hpp"
#include "proxy/ops/destination.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace postern::ops {

class output {
public:
    // --- any thread ---

    // What config::parse_log_target reads; a file is created 0640 and appended to. What is open already stays as it is.
    // Returns nothing, or the target and the system's words; then nothing has changed.
    [[nodiscard]] std::string open(const std::string& target);
    // Opens the same target again, for a file that was renamed. Returns as open().
    [[nodiscard]] std::string reopen();
    [[nodiscard]] bool off() const { return kind_.load(std::memory_order_relaxed) == kind::off; }
    // Lines need no time and no level of their own: the receiver has them beside the line.
    [[nodiscard]] bool stamps() const;
    // Lines may have labels, see labels.hpp.
    [[nodiscard]] bool takes_labels() const { return kind_.load(std::memory_order_relaxed) == kind::journal; }
    // From now on a reader that does not read is waited for at most `grace` more, in all.
    void hurry(std::chrono::milliseconds grace);

    // --- the writer ---

    // Returns how many of these lines were lost; none when off.
    [[nodiscard]] std::uint64_t write(std::string_view lines, line_level level = {});

private:
    using kind = config::log_target::kind;

    [[nodiscard]] std::string make(const std::string& target);
    void take_next();

    std::mutex mutex_;
    std::string target_ = "off";
    std::unique_ptr<destination> next_;  // opened, and not yet in the writer's hands
    bool has_next_ = false;              // null is a destination, too: off
    std::atomic<kind> kind_{kind::off};
    last_wait patience_{std::chrono::steady_clock::time_point::max()};

    std::unique_ptr<destination> to_;  // the writer's own; null: off
};

}  // namespace postern::ops
