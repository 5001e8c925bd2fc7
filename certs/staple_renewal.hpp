// When a responder is asked again. Pure.
#pragma once

#include "certs/staple.hpp"

#include <chrono>

namespace postern::certs {

// When half of what is left at `now` of the staple's life is over, but in an hour at the latest (nginx), and not within
// 15 seconds. `luck`, a random number from 0 up to 1, takes away up to a tenth, so that those who began together part.
[[nodiscard]] time_point renew_at(const staple& held, time_point now, double luck);

// How long to wait after so many failures in a row: 5 seconds after the first one, each time twice as long, at most five
// minutes; `luck` takes away up to a fifth.
[[nodiscard]] std::chrono::milliseconds retry_after(unsigned failures, double luck);

}  // namespace postern::certs
