// What the kernel says of this process, by the names that Prometheus's own clients give it.
#pragma once

#include "proxy/ops/metric_sheet.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::ops {

struct process_facts {
    double cpu_seconds = 0;
    double resident_bytes = 0;
    double start_time = 0;  // seconds since 1970
};

// From the text of /proc/PID/stat (proc(5)). `boot_time`: in seconds since 1970. Nothing for another text. Pure.
[[nodiscard]] std::optional<process_facts> parse_process_stat(std::string_view stat, double boot_time,
                                                              std::uint64_t ticks_a_second, std::uint64_t page_size);

// Leaves out what cannot be found out.
void add_process(metric_sheet& to);

}  // namespace postern::ops
