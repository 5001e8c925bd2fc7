// The step from a snapshot's values to one server's TLS context: the same for the loader's check and the workers' faces.
#pragma once

#include "certs/library.hpp"
#include "certs/context.hpp"
#include "proxy/session/snapshot.hpp"

namespace postern::session {

// The server must have an ssl block; `tickets` are its keys, null where it has none. Null with an error in `problems`,
// whose keys are relative to that block.
[[nodiscard]] certs::server_context make_server_context(const snapshot& of, std::size_t server,
                                                        std::shared_ptr<const certs::ticket_keys> tickets,
                                                        const certs::library& library, config::problems& problems);

}  // namespace postern::session
