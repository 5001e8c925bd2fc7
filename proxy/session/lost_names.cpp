#include "proxy/session/lost_names.hpp"

#include "config/folded.hpp"

#include <map>
#include <set>

namespace postern::session {
namespace {

using name_set = std::set<std::string>;

// What a server's certificates are for; made once for each server, since both may be thousands.
class certified_names {
public:
    explicit certified_names(const snapshot& of) : of_(of) {}

    const name_set& operator[](std::size_t server) {
        const auto [at, fresh] = known_.try_emplace(server);
        if (!fresh) return at->second;
        for (const auto& one : of_.identities[server])
            for (const auto& name : one->names) at->second.insert(config::folded_name(name));
        return at->second;
    }

private:
    const snapshot& of_;
    std::map<std::size_t, name_set> known_;
};

// A wildcard stands for one label (RFC 9525 section 6.3).
bool covers(const name_set& certified, const std::string& name) {
    const auto dot = name.find('.');
    return certified.contains(name) || (dot != std::string::npos && certified.contains("*" + name.substr(dot)));
}

// What clients may ask for by a server_name. No certificate can be for "www.*".
void add_asked(const std::string& server_name, name_set& to) {
    if (server_name.ends_with(".*")) return;
    if (!server_name.starts_with('.')) {
        to.insert(server_name);
        return;
    }
    to.insert(server_name.substr(1));
    to.insert("*" + server_name);
}

// The servers of an address by their names; one without any is called "".
std::multimap<std::string, std::size_t> by_name(const snapshot& of, const listen_address& at) {
    std::multimap<std::string, std::size_t> all;
    for (const auto s : at.servers) {
        const auto& names = of.settings.servers[s].server_name;
        for (const auto& name : names) all.emplace(name, s);
        if (names.empty()) all.emplace("", s);
    }
    return all;
}

}  // namespace

std::vector<lost_names> find_lost_names(const snapshot& before, const snapshot& now) {
    certified_names names_before(before), names_now(now);
    std::map<std::size_t, name_set> lost;
    for (const auto& at : now.addresses) {
        const auto* at_before = before.find(at.endpoint);
        if (at_before == nullptr) continue;
        const auto servers_before = by_name(before, *at_before);
        for (const auto& [server_name, s] : by_name(now, at)) {
            const auto was = servers_before.find(server_name);
            // Of a server without TLS, or one that rejects handshakes, there are none.
            if (was == servers_before.end() || now.identities[s].empty()) continue;
            const auto& certified_before = names_before[was->second];
            const auto& certified = names_now[s];
            name_set asked;
            if (server_name.empty())
                asked = certified_before;
            else
                add_asked(server_name, asked);
            for (const auto& name : asked)
                if (covers(certified_before, name) && !covers(certified, name)) lost[s].insert(name);
        }
    }
    std::vector<lost_names> all;
    all.reserve(lost.size());
    for (const auto& [server, names] : lost) all.push_back({server, {names.begin(), names.end()}});
    return all;
}

}  // namespace postern::session
