// What becomes of session tickets on one thread, for whoever watches.
#pragma once

#include "counting/counter.hpp"

namespace postern::certs {

struct ticket_counts {
    counting::counter issued;
    counting::counter accepted;  // opened, and in time
    counting::counter rejected;  // by a key that is not known, damaged, or too old: a full handshake follows
};

}  // namespace postern::certs
