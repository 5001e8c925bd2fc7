#include "proxy/cli/command.hpp"
#include "proxy/server.hpp"

namespace postern::cli {

int perform(const serve_command& c, streams) {
    serve_options options;
    if (c.flags) {
        options.load = [flags = *c.flags] { return sidecar_document(flags); };
    } else {
        options.load = [file = c.config_file] { return config::load(file); };
        options.config_file = c.config_file;
    }
    return serve(options);
}

}  // namespace postern::cli
