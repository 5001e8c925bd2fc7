#include "proxy/session/face.hpp"

#include "certs/context.hpp"
#include "certs/ticket_callback.hpp"
#include "proxy/ops/log.hpp"
#include "proxy/session/contexts.hpp"

#include <map>

namespace postern::session {
namespace {

config::upstream single(const config::endpoint& address) {
    config::upstream alone;
    alone.name = config::to_string(address);
    alone.servers = {address};
    return alone;
}

}  // namespace

face::face(std::shared_ptr<const session::snapshot> of, const certs::library& library, certs::staple_shelf& staples,
           upstream::site site, ops::worker_counts& counts, const face* before)
    : snapshot_(std::move(of)),
      library_(library),
      staples_(staples),
      counts_(counts),
      contexts_(snapshot_->settings.servers.size()),
      ticket_keys_(snapshot_->tickets.keys()) {
    const auto& settings = snapshot_->settings;
    const auto known = before == nullptr ? upstream::known_addresses() : before->known();
    std::map<std::string, std::shared_ptr<upstream::target>> shared;
    const auto lead_to = [&](const config::destination& to) -> std::shared_ptr<upstream::target> {
        if (to.type == config::destination::kind::none) return nullptr;
        auto& target = shared[to.upstream.empty() ? config::to_string(to.address) : to.upstream];
        if (target) return target;
        const auto group = std::find_if(settings.upstreams.begin(), settings.upstreams.end(),
                                        [&](const auto& u) { return u.name == to.upstream; });
        const auto of_target = group == settings.upstreams.end() ? single(to.address) : *group;
        target = std::make_shared<upstream::target>(of_target, site, counts_.target(of_target));
        target->peers().begin_with(known);
        target->refresh();
        return target;
    };
    for (const auto& server : settings.servers) {
        auto& made = targets_.emplace_back();
        made.own = lead_to(server.proxy_pass);
        for (const auto& l : server.locations) made.of_locations.push_back(lead_to(l.proxy_pass));
    }
}

upstream::known_addresses face::known() const {
    upstream::known_addresses all;
    for (const auto& of_server : targets_) {
        if (of_server.own) of_server.own->peers().tell(all);
        for (const auto& target : of_server.of_locations)
            if (target) target->peers().tell(all);
    }
    return all;
}

upstream::target& face::target(std::size_t server, const config::location* at) {
    if (at == nullptr) return *targets_[server].own;
    const auto* first = snapshot_->settings.servers[server].locations.data();
    return *targets_[server].of_locations[static_cast<std::size_t>(at - first)];
}

SSL_CTX* face::context(std::size_t server) {
    auto& made = contexts_[server];
    if (!made) {
        config::problems problems;
        made = make_server_context(*snapshot_, server,
                                   {snapshot_->tickets.of(server, ticket_keys_), &staples_, &counts_.tickets}, library_,
                                   problems);
        // The loader has told what is no error.
        for (const auto& p : problems)
            if (p.level == config::severity::error) ops::log::error("server {}: {}", server, config::to_string(p));
    }
    return made.get();
}

void face::use(ticket_key_sets next) {
    ticket_keys_ = std::move(next);
    for (std::size_t s = 0; s < contexts_.size(); ++s)
        if (contexts_[s]) certs::use_ticket_keys(contexts_[s].get(), snapshot_->tickets.of(s, ticket_keys_));
}

std::chrono::milliseconds face::connect_timeout(std::size_t server, const config::location* at) const {
    const auto& s = snapshot_->settings.servers[server];
    if (at != nullptr && at->proxy_connect_timeout) return *at->proxy_connect_timeout;
    const auto& to = at != nullptr ? at->proxy_pass : s.proxy_pass;
    for (const auto& u : snapshot_->settings.upstreams)
        if (u.name == to.upstream && u.proxy_connect_timeout) return *u.proxy_connect_timeout;
    return s.proxy_connect_timeout;
}

}  // namespace postern::session
