#include "proxy/ops/process_metrics.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace postern::ops {
namespace {

// Places in the fields behind the name of the program, which may have spaces and parentheses in it.
constexpr std::size_t user_time = 11;
constexpr std::size_t system_time = 12;
constexpr std::size_t start_time = 19;
constexpr std::size_t resident_pages = 21;

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return n;
}

std::string read(const char* file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::optional<double> count_open_files() {
    std::error_code error;
    const std::filesystem::directory_iterator all("/proc/self/fd", error);
    if (error) return std::nullopt;
    // One of them is for this very look.
    return static_cast<double>(std::distance(begin(all), end(all)) - 1);
}

}  // namespace

std::optional<process_facts> parse_process_stat(std::string_view stat, double boot_time, std::uint64_t ticks_a_second,
                                                std::uint64_t page_size) {
    const auto name_ends = stat.rfind(')');
    if (name_ends == std::string_view::npos) return std::nullopt;
    const auto words = words_of(stat.substr(name_ends + 1));
    if (words.size() <= resident_pages || ticks_a_second == 0) return std::nullopt;
    const auto user = number_of(words[user_time]);
    const auto system = number_of(words[system_time]);
    const auto start = number_of(words[start_time]);
    const auto pages = number_of(words[resident_pages]);
    if (!user || !system || !start || !pages) return std::nullopt;
    const auto ticks = static_cast<double>(ticks_a_second);
    return process_facts{static_cast<double>(*user + *system) / ticks, static_cast<double>(*pages * page_size),
                         boot_time + static_cast<double>(*start) / ticks};
}

void add_process(metric_sheet& to) {
    // Not from /proc/stat, which a sandbox may hide. Once, so that the start does not move with the clock.
    static const double boot_time = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
    const auto facts =
        parse_process_stat(read("/proc/self/stat"), boot_time, static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)),
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    if (facts) {
        to.counter("process_cpu_seconds_total", "CPU time of the process.").add({}, facts->cpu_seconds);
        to.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.")
            .add({}, facts->resident_bytes);
        to.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.")
            .add({}, facts->start_time);
    }
    if (const auto open = count_open_files()) to.gauge("process_open_fds", "Open file descriptors.").add({}, *open);
    rlimit most{};
    if (::getrlimit(RLIMIT_NOFILE, &most) == 0)
        to.gauge("process_max_fds", "File descriptors that may be open.").add({}, static_cast<double>(most.rlim_cur));
}

}  // namespace postern::ops
