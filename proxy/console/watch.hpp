// `postern status --watch`: asks again and again, and shows what has changed.
#pragma once

#include "proxy/console/ask.hpp"

#include <chrono>
#include <iosfwd>

namespace postern::console {

// On a terminal the page is drawn in place, elsewhere a page follows the other. Returns when SIGINT, SIGTERM or SIGHUP
// comes or `out` cannot be written; trouble is what the first question ended with. A daemon that goes away later is
// said, and asked again.
[[nodiscard]] result<void> watch(const admin_address& where, std::chrono::milliseconds interval, std::ostream& out);

}  // namespace postern::console
