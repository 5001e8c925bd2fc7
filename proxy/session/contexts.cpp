#include "proxy/session/contexts.hpp"

#include "certs/context.hpp"
#include "proxy/tls/engine.hpp"
#include "proxy/tls/provider.hpp"

namespace postern::session {

certs::server_context make_server_context(const snapshot& of, std::size_t server, const context_parts& with,
                                          const certs::library& library, config::problems& problems) {
    certs::context_plan plan;
    plan.settings = &*of.settings.servers[server].ssl;
    plan.identities = of.identities[server];
    plan.dh_parameters = of.dh_parameters[server];
    plan.trust = of.trust[server];
    plan.allow = &of.settings.servers[server].allow;
    plan.tickets = with.tickets;
    plan.counts = with.counts;
    plan.check_all = with.check_all;
    plan.cache = of.caches[server];
    if (with.staples != nullptr)
        for (const auto& order : of.staples[server]) plan.staples.push_back(with.staples->slot(order));
    if (of.settings.tls.key_schedule == config::key_schedule::postern) plan.properties = tls::provider_query;
    plan.client_hello = tls::engine::judge_hello;
    // What a text tells of the client's offers, libssl keeps.
    plan.own_handshake = of.settings.tls.handshake == config::handshake_by::postern && !of.tells_offers;
    return certs::make_context(plan, library, problems);
}

}  // namespace postern::session
