// What `postern status` shows of a daemon, as lines. Pure.
#pragma once

#include "proxy/console/changes.hpp"
#include "proxy/console/sheet.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace postern::console {

struct view {
    std::string address;  // of the admin listener
    std::chrono::system_clock::time_point when;
    const status& now;
    std::optional<changes> lately;  // what rates are made of
    std::optional<changes> timed;   // what p50 and p99 are of; without it, all since the daemon's start
    bool restarted = false;         // since the last look
};

[[nodiscard]] std::vector<line> page(const view& of);

// In place of the page while nothing is told.
[[nodiscard]] std::vector<line> no_answer(const std::string& address, const std::string& why,
                                          std::chrono::system_clock::time_point since,
                                          std::chrono::system_clock::time_point now);

}  // namespace postern::console
