#include "tests/certs/clock.hpp"

namespace postern::certs::testing {

std::time_t clock_is_ahead_by = 0;

}  // namespace postern::certs::testing

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's are reserved.
extern "C" __attribute__((visibility("default"))) std::time_t time(std::time_t* result) noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const std::time_t told = now.tv_sec + postern::certs::testing::clock_is_ahead_by;
    if (result != nullptr) *result = told;
    return told;
}
