#include "proxy/cli/command.hpp"
#include "proxy/ops/control.hpp"

#include <ostream>

#include <sysexits.h>

namespace postern::cli {
namespace {

// A daemon with thousands of certificates reads for a while; one that hangs must not hang its service manager.
constexpr std::chrono::seconds patience{60};

}  // namespace

int perform(const reload_command& c, streams to) {
    std::string said;
    const auto verdict = ops::request_reload(c.config_file, patience, said);
    (verdict == ops::control_verdict::ok ? to.out : to.err) << said;
    switch (verdict) {
        case ops::control_verdict::ok: return EX_OK;
        case ops::control_verdict::failed: return 1;
        case ops::control_verdict::unavailable: break;
    }
    return EX_UNAVAILABLE;
}

}  // namespace postern::cli
