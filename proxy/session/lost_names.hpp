// Names that clients could ask for and be shown a certificate for, until a new one came that is not for them. Whether that
// was meant nobody can tell: it is a warning.
#pragma once

#include "proxy/session/snapshot.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace postern::session {

struct lost_names {
    std::size_t server;  // of `now`
    std::vector<std::string> names;
};

// For each server that has TLS and was there before, at the same address and by the same name: those of its names that a
// certificate of it was for and none is now. A server without a name has those of its certificates.
[[nodiscard]] std::vector<lost_names> find_lost_names(const snapshot& before, const snapshot& now);

}  // namespace postern::session
