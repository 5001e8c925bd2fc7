// The step from a snapshot's values to one server's TLS context: the same for the loader's check and the workers' faces.
#pragma once

#include "certs/context.hpp"
#include "certs/library.hpp"
#include "certs/staple_shelf.hpp"
#include "proxy/session/snapshot.hpp"

namespace postern::session {

// What changes while a snapshot is served.
struct context_parts {
    std::shared_ptr<const certs::ticket_keys> tickets;  // the server's; null where it has none
    certs::staple_shelf* staples = nullptr;             // where the worker's lie; null: nothing is stapled
    certs::ticket_counts* counts = nullptr;             // the worker's; null: nobody counts
    bool check_all = false;                             // see certs::context_plan
};

// The server must have an ssl block. Null with an error in `problems`, whose keys are relative to that block.
[[nodiscard]] certs::server_context make_server_context(const snapshot& of, std::size_t server,
                                                        const context_parts& with, const certs::library& library,
                                                        config::problems& problems);

}  // namespace postern::session
