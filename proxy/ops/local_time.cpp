#include "proxy/ops/local_time.hpp"

#include "proxy/ops/text.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace postern::ops {
namespace {

std::string write(std::chrono::sys_seconds second) {
    const std::time_t since_epoch = second.time_since_epoch().count();
    std::tm parts{};
    ::localtime_r(&since_epoch, &parts);
    const auto offset = std::abs(parts.tm_gmtoff) / 60;  // in minutes
    return fmt::format("{:02}/{}/{:04}:{:02}:{:02}:{:02} {}{:02}{:02}", parts.tm_mday,
                       month_names.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900, parts.tm_hour,
                       parts.tm_min, parts.tm_sec, parts.tm_gmtoff < 0 ? '-' : '+', offset / 60, offset % 60);
}

}  // namespace

std::string_view local_clock::local_time(std::chrono::system_clock::time_point when) {
    if (const auto second = std::chrono::floor<std::chrono::seconds>(when); second != second_) {
        text_ = write(second);
        second_ = second;
    }
    return text_;
}

}  // namespace postern::ops
