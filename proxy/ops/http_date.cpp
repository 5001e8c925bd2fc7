#include "proxy/ops/http_date.hpp"

#include "proxy/ops/text.hpp"

#include <fmt/format.h>

namespace postern::ops {
namespace {

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string write(std::chrono::sys_seconds second) {
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", day_names.at(std::chrono::weekday(day).c_encoding()),
                       static_cast<unsigned>(date.day()), month_names.at(static_cast<unsigned>(date.month()) - 1),
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

}  // namespace

std::string_view http_clock::http_date(std::chrono::system_clock::time_point when) {
    if (const auto second = std::chrono::floor<std::chrono::seconds>(when); second != second_) {
        text_ = write(second);
        second_ = second;
    }
    return text_;
}

}  // namespace postern::ops
