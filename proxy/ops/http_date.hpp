// The date as HTTP writes it. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace postern::ops {

// One worker's. Not thread-safe.
class http_clock {
public:
    // "Tue, 24 Nov 2026 09:30:00 GMT": IMF-fixdate, RFC 9110 section 5.6.7. Written anew only when the second is another
    // than in the last call; valid until the next one.
    [[nodiscard]] std::string_view http_date(std::chrono::system_clock::time_point when);

private:
    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();  // what text_ says; no time_point is that old
    std::string text_;
};

}  // namespace postern::ops
