#include "proxy/console/amounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace postern::console {
namespace {

struct unit {
    double size;
    const char* name;
};

// In the largest unit of which there is one at least.
std::string in_units(double amount, std::initializer_list<unit> largest_first) {
    for (const auto& u : largest_first)
        if (amount >= u.size) return fmt::format("{:.0f} {}", std::floor(amount / u.size), u.name);
    const auto& least = *(largest_first.end() - 1);
    return fmt::format("0 {}", least.name);
}

std::string days_text(double days) {
    if (days >= 2) return fmt::format("{:.0f} days", std::floor(std::min(days, 99'999.0)));
    if (days * 24 >= 2) return fmt::format("{:.0f} hours", std::floor(days * 24));
    return fmt::format("{:.0f} min", std::floor(days * 24 * 60));
}

}  // namespace

std::string count_text(std::uint64_t n) {
    auto text = std::to_string(n);
    for (auto at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string rate_text(std::optional<double> a_second) {
    if (!a_second) return unknown;
    if (*a_second == 0) return "0";
    if (*a_second < 0.1) return "< 0.1";
    if (*a_second < 99.95) return fmt::format("{:.1f}", *a_second);
    // Counts of 64 bits in a time that is never zero: beyond this nothing is to be told apart.
    return count_text(static_cast<std::uint64_t>(std::min(*a_second + 0.5, 1e15)));
}

std::string bytes_text(std::optional<double> bytes) {
    if (!bytes) return unknown;
    constexpr std::array names{"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB"};
    std::size_t i = 0;
    // 999.95 would be written 1000.0.
    for (; *bytes >= (i == 0 ? 999.5 : 999.95) && i + 1 < names.size(); ++i) *bytes /= 1000;
    return fmt::format("{:.{}f} {}", *bytes, i == 0 ? 0 : 1, names.at(i));
}

std::string time_text(const std::optional<duration_estimate>& of) {
    if (!of) return unknown;
    const double ms = of->seconds * 1000;
    const std::string more = of->more ? "> " : "";
    if (ms < 0.995) return more + fmt::format("{:.2f} ms", ms);
    if (ms < 9.95) return more + fmt::format("{:.1f} ms", ms);
    if (ms < 999.5) return more + fmt::format("{:.0f} ms", ms);
    return more + fmt::format("{:.{}f} s", std::min(of->seconds, 99'999.0), of->seconds < 9.95 ? 1 : 0);
}

std::string age_text(std::uint64_t age) {
    return in_units(static_cast<double>(age), {{86'400, "days"}, {3'600, "h"}, {60, "min"}, {1, "s"}});
}

std::string end_text(double days_left) {
    return days_left > 0 ? "ends in " + days_text(days_left) : "EXPIRED " + days_text(std::abs(days_left)) + " ago";
}

}  // namespace postern::console
