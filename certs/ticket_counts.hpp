// What becomes of session tickets on one thread, for whoever watches.
#pragma once

#include "counting/counter.hpp"

namespace postern::certs {

struct ticket_counts {
    counting::counter issued;
    // Handshakes whose client had offered tickets, each once:
    counting::counter accepted;  // it goes on from one of them
    counting::counter rejected;  // by a key that is not known, damaged, too old or another server's: a full one follows
};

}  // namespace postern::certs
