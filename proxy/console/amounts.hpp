// Numbers as people read them. Whatever comes in, what comes out is short.
#pragma once

#include "proxy/console/changes.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace postern::console {

inline constexpr auto unknown = "-";

[[nodiscard]] std::string count_text(std::uint64_t n);                            // "1,234,567"
[[nodiscard]] std::string rate_text(std::optional<double> a_second);              // "3.2", "1,234"
[[nodiscard]] std::string bytes_text(std::optional<double> bytes);                // "512 B", "3.4 MB"
[[nodiscard]] std::string time_text(const std::optional<duration_estimate>& of);  // "0.25 ms", "> 5.0 s"
[[nodiscard]] std::string age_text(std::uint64_t age);                            // "34 min", of seconds
[[nodiscard]] std::string end_text(double days_left);  // "ends in 59 days", "EXPIRED 3 days ago"

}  // namespace postern::console
