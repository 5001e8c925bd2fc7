#include "config/reference.hpp"
#include "proxy/cli/command.hpp"

#include <ostream>

#include <sysexits.h>

namespace postern::cli {

int perform(const reference_command& c, streams to) {
    to.out << config::reference(c.format);
    return EX_OK;
}

}  // namespace postern::cli
