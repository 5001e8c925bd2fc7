// Who may use a server: what nginx's ssl_verify_client asks of a client's certificate, then `allow`. Pure.
#pragma once

#include "certs/client_certificate.hpp"
#include "config/settings.hpp"
#include "proxy/failure.hpp"

#include <optional>

namespace postern::session {

// Why the client may not; nothing when it may. `shown`: its certificate, or null. To be asked for every request, also on
// a session that was resumed: the reason's detail says whom it was about.
[[nodiscard]] std::optional<failure> refuse_client(const config::server& server, const certs::client_certificate* shown,
                                                   phase during);

// Whether what one of them has let in may go to the other. False where they ask clients for different things.
[[nodiscard]] bool guard_alike(const config::server& a, const config::server& b);

}  // namespace postern::session
