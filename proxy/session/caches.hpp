// Which servers share a session cache (`session_cache: shared:...`), and which caches go on after a reload.
#pragma once

#include "proxy/session/snapshot.hpp"

#include <map>
#include <string>

namespace postern::session {

// One for each server, null for a server without. Servers that give one NAME have one cache; a cache without a name is
// its server's alone. Caches of `before` (null: there is none) whose name or server, and size, are the same go on with
// what is in them.
[[nodiscard]] session_caches share_caches(const config::settings& settings, const snapshot* before);

// Each cache of the snapshot once, by its NAME or, without one, by its server's first address and name.
[[nodiscard]] std::map<std::string, const certs::session_cache*> name_caches(const snapshot& of);

}  // namespace postern::session
