#include "proxy/session/route.hpp"

namespace postern::session {

result<route> choose(const snapshot& all, const listen_address& at, std::string_view sni) {
    const std::size_t server = at.choose(sni);
    const auto& ssl = all.settings.servers[server].ssl;
    if (ssl && ssl->reject_handshake) {
        const auto detail = sni.empty() ? std::string("no server name") : "no server for " + std::string(sni);
        return failure{party::client, phase::hello, reason::unknown_sni, detail};
    }
    return route{server, std::string(sni)};
}

tls::handshake_step first_step(const certs::ticket_keys* keys, const tls::client_hello& hello) {
    const bool ours = keys != nullptr && certs::names_key(hello.ticket, *keys);
    return ours ? tls::handshake_step::resume : tls::handshake_step::full;
}

}  // namespace postern::session
