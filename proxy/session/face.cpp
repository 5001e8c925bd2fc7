#include "proxy/session/face.hpp"

#include "certs/context.hpp"
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

face::face(std::shared_ptr<const session::snapshot> of, const certs::library& library, upstream::site site)
    : snapshot_(std::move(of)), library_(library), contexts_(snapshot_->settings.servers.size()) {
    const auto& settings = snapshot_->settings;
    std::map<std::string, std::shared_ptr<upstream::target>> shared;
    for (const auto& server : settings.servers) {
        const auto& to = server.proxy_pass;
        const auto& key = to.upstream.empty() ? config::to_string(to.address) : to.upstream;
        auto& target = shared[key];
        if (!target) {
            const auto group = std::find_if(settings.upstreams.begin(), settings.upstreams.end(),
                                            [&](const auto& u) { return u.name == to.upstream; });
            target = std::make_shared<upstream::target>(group == settings.upstreams.end() ? single(to.address) : *group,
                                                        site);
            target->refresh();
        }
        targets_.push_back(target);
    }
}

SSL_CTX* face::context(std::size_t server) {
    auto& made = contexts_[server];
    if (!made) {
        config::problems problems;
        made = make_server_context(*snapshot_, server, library_, problems);
        for (const auto& p : problems) ops::log::error("server {}: {}", server, config::to_string(p));
    }
    return made.get();
}

std::chrono::milliseconds face::connect_timeout(std::size_t server) const {
    const auto& s = snapshot_->settings.servers[server];
    for (const auto& u : snapshot_->settings.upstreams)
        if (u.name == s.proxy_pass.upstream && u.proxy_connect_timeout) return *u.proxy_connect_timeout;
    return s.proxy_connect_timeout;
}

}  // namespace postern::session
