#include "proxy/server.hpp"

#include "proxy/daemon.hpp"
#include "proxy/ops/process_id.hpp"

#include <cstdio>
#include <exception>

namespace postern {

int serve(const serve_options& options) {
    ops::remember_process_id();
    try {
        daemon d(options);
        return d.run();
    } catch (const std::exception& e) {
        // "Cannot start" is the one thing that exceptions say here.
        std::fprintf(stderr, "postern: %s\n", e.what());
        return 71;
    }
}

}  // namespace postern
