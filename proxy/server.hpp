// The daemon as one call: from a configuration to an exit code.
#pragma once

#include "config/document.hpp"

#include <functional>
#include <string>

namespace postern {

struct serve_options {
    // Reads the configuration, at the start and at each reload. Called on the loader's thread; never throws.
    std::function<config::document()> load;
    // The configuration file's path, for `postern reload` to find this daemon by; empty: no control socket.
    std::string config_file;
    // Called once, on the main thread, when all listeners accept connections.
    std::function<void()> on_ready = [] {};
};

// Serves until a signal ends it. Returns the exit code: 0 drained or stopped, 78 (EX_CONFIG) the configuration cannot be
// served, 71 (EX_OSERR) the system refused what we need. Problems have been printed to stderr.
[[nodiscard]] int serve(const serve_options& options);

}  // namespace postern
