#include "proxy/session/exchange_plan.hpp"

#include "certs/client_texts.hpp"
#include "proxy/session/location.hpp"

namespace postern::session {

exchange_plan make_exchange_plan(face& f, std::size_t index, const config::location* at, const variable_source& from) {
    const auto& server = from.server;
    const auto& set = at != nullptr && at->proxy_set_header ? *at->proxy_set_header : server.proxy_set_header;
    const auto& to = at != nullptr ? at->proxy_pass : server.proxy_pass;
    const auto of_location = [at](auto member, auto servers) {
        return at != nullptr && at->*member ? *(at->*member) : servers;
    };
    using l = config::location;
    exchange_plan plan;
    plan.target = f.target(index, at).shared_from_this();
    plan.connect_timeout = f.connect_timeout(index, at);
    plan.send_timeout = of_location(&l::proxy_send_timeout, server.proxy_send_timeout);
    plan.read_timeout = of_location(&l::proxy_read_timeout, server.proxy_read_timeout);
    plan.largest_body = of_location(&l::client_max_body_size, server.client_max_body_size);
    plan.method = from.head.method;
    plan.upgrade = !from.head.upgrade.empty();
    plan.body = from.head.body;
    plan.connection = from.connection.id;
    plan.set = expand(set, from);
    plan.head.reserve(1024);
    wire::request_context about = from.context;
    const auto* shown = from.connection.client_certificate.get();
    std::string certificate, chain;
    if (server.client_cert_header && shown != nullptr) certificate = certs::client_cert_field(shown->certificate);
    if (server.client_cert_chain_header && shown != nullptr) chain = certs::client_cert_chain_field(shown->chain);
    about.says_client_cert = server.client_cert_header;
    about.client_cert = certificate;
    about.client_cert_chain = chain;
    wire::append_request(plan.head, from.head, upstream_target(to, at, from.head.target, from.path), about, plan.set);
    return plan;
}

}  // namespace postern::session
