// What /status tells: how the process fares, as JSON for people and scripts. Pure.
#pragma once

#include "proxy/ops/totals.hpp"
#include "proxy/session/inventory.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

struct status_facts {
    std::string_view version;
    std::string_view state;  // "serving"
    std::chrono::system_clock::time_point started;
    ops::totals traffic;
    session::inventory has;
    std::optional<std::chrono::nanoseconds> ticket_key_age;
    std::uint64_t reloads = 0;
    std::uint64_t refused_reloads = 0;
    // When what is served was read; nothing: nothing is served yet.
    std::optional<std::chrono::system_clock::time_point> served_since;
    std::chrono::system_clock::time_point now;
};

// One object with a newline behind it. Times are as in logs; what has not come to be is null.
[[nodiscard]] std::string status_text(const status_facts& of);

}  // namespace postern
