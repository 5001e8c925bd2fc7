#include "certs/staple_renewal.hpp"

#include <algorithm>

namespace postern::certs {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds latest_renewal = std::chrono::hours(1);
constexpr milliseconds earliest_renewal = std::chrono::seconds(15);
constexpr milliseconds first_retry = std::chrono::seconds(5);
constexpr milliseconds last_retry = std::chrono::minutes(5);

milliseconds less(milliseconds time, double part) {
    return time - milliseconds(static_cast<milliseconds::rep>(static_cast<double>(time.count()) * part));
}

}  // namespace

time_point renew_at(const staple& held, time_point now, double luck) {
    const auto half = std::chrono::duration_cast<milliseconds>((held.next_update - now) / 2);
    return now + std::max(less(std::min(half, latest_renewal), luck / 10), earliest_renewal);
}

milliseconds retry_after(unsigned failures, double luck) {
    auto wait = first_retry;
    for (unsigned i = 1; i < failures && wait < last_retry; ++i) wait *= 2;
    return less(std::min(wait, last_retry), luck / 5);
}

}  // namespace postern::certs
