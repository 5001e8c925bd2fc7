#include "proxy/session/contexts.hpp"

#include "certs/context.hpp"
#include "proxy/tls/engine.hpp"
#include "proxy/tls/provider.hpp"

namespace postern::session {

certs::server_context make_server_context(const snapshot& of, std::size_t server,
                                          std::shared_ptr<const certs::ticket_keys> tickets,
                                          const certs::library& library, config::problems& problems) {
    certs::context_plan plan;
    plan.settings = &*of.settings.servers[server].ssl;
    plan.identities = of.identities[server];
    plan.tickets = std::move(tickets);
    plan.cache = of.caches[server];
    if (of.settings.tls.key_schedule == config::key_schedule::postern) plan.properties = tls::provider_query;
    plan.client_hello = tls::engine::judge_hello;
    return certs::make_context(plan, library, problems);
}

}  // namespace postern::session
