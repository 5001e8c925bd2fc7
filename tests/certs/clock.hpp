// The wall clock of the whole test program, OpenSSL's too: time() takes the C library's place.
#pragma once

#include <ctime>

namespace postern::certs::testing {

// In seconds; whoever moves it puts it back to 0.
extern std::time_t clock_is_ahead_by;

}  // namespace postern::certs::testing
