// Diagnostics. From any thread, never blocking traffic: lines are queued for a writer thread, and the oldest go when
// the queue is full; the next line that is written says how many went. One line a message, whatever is in it.
#pragma once

#include "config/settings.hpp"

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::ops::log {

// Begins to write as `settings` say. The returned text is empty, or why the file cannot be opened (then nothing has
// changed). A file that is open already stays open. Called at the start and at each reload, on one thread.
[[nodiscard]] std::string configure(const config::log& settings);
// Opens the file anew (SIGUSR1, after it was renamed). The text is as of configure().
[[nodiscard]] std::string reopen();
// Writes what is queued and ends the thread, for good; later lines are lost. A reader that does not read (a full pipe)
// is waited for at most 1 s. Other threads may still be logging.
void shut_down();
// Lines that were not written: the queue or the disk was full. Until shut_down().
[[nodiscard]] std::uint64_t dropped();

// Does nothing before configure(), after shut_down() and below the configured level.
void write(config::log_level level, std::string_view message);
[[nodiscard]] bool enabled(config::log_level level);

template <class... Args>
void line(config::log_level level, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    line(config::log_level::debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    line(config::log_level::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    line(config::log_level::warning, format, std::forward<Args>(args)...);
}
// The operator must act.
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    line(config::log_level::error, format, std::forward<Args>(args)...);
}

}  // namespace postern::ops::log
