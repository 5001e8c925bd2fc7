// The date as HTTP writes it.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace postern::ops {

// One worker's. Not thread-safe.
class http_clock {
public:
    // "Tue, 24 Nov 2026 09:30:00 GMT": IMF-fixdate, RFC 9110 section 5.6.7. Written anew only when the second is another
    // than in the last call; valid until the next one. For the years 0 to 9999, which is all that the form can say.
    [[nodiscard]] std::string_view http_date(std::chrono::system_clock::time_point when);

private:
    static constexpr std::string_view form = "Thu, 01 Jan 1970 00:00:00 GMT";
    void write();

    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();  // what text_ says
    std::array<char, form.size()> text_{};
};

}  // namespace postern::ops
