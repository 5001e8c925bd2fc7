#include "proxy/session/caches.hpp"

#include <map>
#include <utility>

namespace postern::session {
namespace {

// Whose cache it is, and its size.
using owner = std::pair<std::string, std::size_t>;

bool shares(const config::server& s) {
    return s.ssl && s.ssl->session_cache.type == config::session_cache::kind::shared;
}

// A server is known by its first address and name: no other has both, and neither changes when other servers, further
// names or further addresses come and go.
std::string name_of(const config::server& s) {
    const std::string address = s.listen.empty() ? "" : config::to_string(s.listen.front());
    return s.server_name.empty() ? address : address + " " + s.server_name.front();
}

owner owner_of(const config::server& s) {
    const auto& cache = s.ssl->session_cache;
    return {cache.name.empty() ? "server " + name_of(s) : "cache " + cache.name, cache.size};
}

}  // namespace

session_caches share_caches(const config::settings& settings, const snapshot* before) {
    std::map<owner, std::shared_ptr<certs::session_cache>> known;
    for (std::size_t s = 0; before != nullptr && s < before->caches.size(); ++s)
        if (before->caches[s]) known[owner_of(before->settings.servers[s])] = before->caches[s];
    session_caches all;
    for (const auto& server : settings.servers) {
        auto& own = all.emplace_back();
        if (!shares(server)) continue;
        auto& place = known[owner_of(server)];
        if (!place) place = std::make_shared<certs::session_cache>(server.ssl->session_cache.size);
        own = place;
    }
    return all;
}

std::map<std::string, const certs::session_cache*> name_caches(const snapshot& of) {
    std::map<std::string, const certs::session_cache*> all;
    for (std::size_t s = 0; s < of.caches.size(); ++s) {
        const auto& server = of.settings.servers[s];
        if (!of.caches[s]) continue;
        const auto& name = server.ssl->session_cache.name;
        all.emplace(name.empty() ? name_of(server) : name, of.caches[s].get());
    }
    return all;
}

}  // namespace postern::session
