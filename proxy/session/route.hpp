// Which server a client means: from its ClientHello and the address it came to, before any TLS object exists.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/session/snapshot.hpp"
#include "proxy/tls/admission.hpp"
#include "proxy/tls/client_hello.hpp"

#include <string>

namespace postern::session {

struct route {
    std::size_t server;  // index into settings.servers
    std::string name;    // the SNI that chose it, folded; empty when there was none
    tls::handshake_step begins = tls::handshake_step::full;
};

// A server that rejects handshakes is the failure unknown_sni.
[[nodiscard]] result<route> choose(const snapshot& all, const listen_address& at, std::string_view sni);

// `resume` when the hello's ticket is by one of the server's keys (null: it has none). Sessions that go by an id are not
// looked for: they wait with the full ones, and are charged what they cost.
[[nodiscard]] tls::handshake_step first_step(const certs::ticket_keys* keys, const tls::client_hello& hello);

}  // namespace postern::session
