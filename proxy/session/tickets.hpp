// Which ticket keys each server has: its own, those of all servers, or the process's.
#pragma once

#include "proxy/session/snapshot.hpp"

namespace postern::session {

// Reads the files that are named. Servers that name the same ones share a source, which has turned to the keys of now;
// `made` is for those that name none. Problems have full keys.
[[nodiscard]] tickets find_tickets(const config::settings& settings, std::shared_ptr<certs::ticket_source> made,
                                   config::problems& found);

}  // namespace postern::session
