// What is behind an open log: takes whole lines, on the writer's thread.
#pragma once

#include "config/settings.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::ops {

// Diagnostics have a level; access lines have none.
using line_level = std::optional<config::log_level>;

// Until when a reader that does not read is waited for. Any thread may bring it nearer.
using last_wait = std::atomic<std::chrono::steady_clock::time_point>;

class destination {
public:
    destination() = default;
    virtual ~destination() = default;
    destination(const destination&) = delete;
    destination& operator=(const destination&) = delete;

    // Lines, each with its newline and maybe with labels in front. Returns how many were lost.
    [[nodiscard]] virtual std::uint64_t write(std::string_view lines, line_level level) = 0;
};

}  // namespace postern::ops
