#include "config/document.hpp"
#include "config/summary.hpp"
#include "proxy/cli/command.hpp"
#include "proxy/session/snapshot.hpp"

#include <ostream>

#include <sysexits.h>

namespace postern::cli {

int perform(const check_command& c, streams to) {
    const auto doc = config::load(c.config_file);
    auto found = doc.problems;
    if (c.files)
        for (auto& p : session::check_files(doc)) found.push_back(std::move(p));
    for (const auto& p : found) to.err << config::to_string(p) << "\n";
    if (config::has_error(found)) return EX_CONFIG;

    to.out << config::summary(doc.settings);
    return EX_OK;
}

}  // namespace postern::cli
