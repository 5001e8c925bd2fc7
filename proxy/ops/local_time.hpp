// The time as nginx's access lines say it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace postern::ops {

// One thread's. Not thread-safe.
class local_clock {
public:
    // "24/Nov/2026:09:30:00 +0000" (nginx's $time_local), in the process's time zone and in English. Written anew only
    // when the second is another than in the last call; valid until the next one.
    [[nodiscard]] std::string_view local_time(std::chrono::system_clock::time_point when);

private:
    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();  // what text_ says; no time_point is that old
    std::string text_;
};

}  // namespace postern::ops
