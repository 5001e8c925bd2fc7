// Which server a client means: from its ClientHello and the address it came to, before any TLS object exists.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/session/snapshot.hpp"
#include "proxy/tls/client_hello.hpp"

#include <string>

namespace postern::session {

struct route {
    std::size_t server;  // index into settings.servers
    std::string name;    // the SNI that chose it, folded; empty when there was none
};

// A server that rejects handshakes is the failure unknown_sni.
[[nodiscard]] result<route> choose(const snapshot& all, const listen_address& at, std::string_view sni);

}  // namespace postern::session
