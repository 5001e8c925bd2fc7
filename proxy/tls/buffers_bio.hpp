// The BIO between OpenSSL and a connection's buffers: what it reads is consumed from the input, what it writes is produced.
// Both ask for a retry when there is nothing, or no room.
#pragma once

#include "proxy/tls/step.hpp"

#include <openssl/types.h>

namespace postern::tls {

// `over` must outlive it. Null without memory.
[[nodiscard]] BIO* make_bio(buffers& over);

}  // namespace postern::tls
