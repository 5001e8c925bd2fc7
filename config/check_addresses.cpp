#include "config/complaints.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace postern::config {
namespace {

using by_address = std::map<endpoint, std::vector<std::size_t>>;

// What could not be read has port 0.
bool was_read(const endpoint& e) { return e.type == endpoint::kind::unix_socket || e.port != 0; }

void check_listen(const server& s, const std::string& key, complaints& say) {
    for (std::size_t i = 0; i < s.listen.size(); ++i) {
        const std::string at = key + ".listen[" + std::to_string(i) + "]";
        if (s.listen[i].type == endpoint::kind::unix_socket)
            say.refuse(at, "servers listen on TCP addresses only, not on unix sockets", to_string(s.listen[i]),
                       "443, 127.0.0.1:443 or \"[::1]:443\"");
        const auto end = s.listen.begin() + static_cast<std::ptrdiff_t>(i);
        if (was_read(s.listen[i]) && std::find(s.listen.begin(), end, s.listen[i]) != end)
            say.refuse(at, "an address stands here twice", to_string(s.listen[i]));
    }
}

// Names of this server that this address has already; `names` are those of the servers before it.
void check_names(const settings& all, std::size_t server, const std::string& address,
                 std::map<std::string, std::size_t>& names, complaints& say) {
    const auto& own = all.servers[server].server_name;
    for (std::size_t n = 0; n < own.size(); ++n) {
        if (own[n].empty()) continue;
        const auto [first, added] = names.emplace(own[n], server);
        if (added) continue;
        const std::string whose = first->second == server ? "this server's already" : server_key(first->second) + "'s";
        say.refuse(server_key(server) + ".server_name[" + std::to_string(n) + "]",
                   "this name on this address is " + whose, own[n] + " on " + address);
    }
}

void check_address(const settings& all, const endpoint& address, const std::vector<std::size_t>& servers,
                   complaints& say) {
    const std::string on = to_string(address);
    const std::size_t first = servers.front();
    std::optional<std::size_t> chosen;
    std::map<std::string, std::size_t> names;
    for (const std::size_t i : servers) {
        const auto& s = all.servers[i];
        if (s.ssl.has_value() != all.servers[first].ssl.has_value())
            say.refuse(server_key(i) + ".listen",
                       std::string("one address with ssl and without; ") + server_key(first) + " has " +
                           (s.ssl ? "none" : "an ssl block"),
                       on);
        if (s.default_server && chosen)
            say.refuse(server_key(i) + ".default_server",
                       "two default servers for one address; the other is " + server_key(*chosen), on);
        if (s.default_server && !chosen) chosen = i;
        check_names(all, i, on, names, say);
    }
    for (const std::size_t i : servers)
        if (all.servers[i].server_name.empty() && i != chosen.value_or(first))
            say.refuse_absent(server_key(i), "server_name",
                              "a server without a name that is not the default one is never reached at " + on,
                              "server_name, or default_server: on");
}

// The admin listener shares no address with anybody: one of the two could not be bound, or would get the other's
// connections.
void check_admin(const settings& all, const by_address& servers, complaints& say) {
    const auto& own = all.admin.listen;
    if (!own || own->type == endpoint::kind::unix_socket || !was_read(*own)) return;
    const auto ipv6 = [](const endpoint& e) { return e.host.find(':') != std::string::npos; };
    const auto any = [](const endpoint& e) { return e.host.empty() || e.host == "::"; };
    for (const auto& [address, users] : servers) {
        if (address.port != own->port || ipv6(address) != ipv6(*own)) continue;
        if (address.host != own->host && !any(address) && !any(*own)) continue;
        say.refuse("admin.listen",
                   "a server listens on this address too: " + server_key(users.front()) + " on " + to_string(address),
                   to_string(*own), "an address of its own");
    }
}

}  // namespace

void check_addresses(const settings& all, complaints& say) {
    by_address servers;
    for (std::size_t i = 0; i < all.servers.size(); ++i) {
        check_listen(all.servers[i], server_key(i), say);
        for (const auto& address : all.servers[i].listen) {
            if (!was_read(address) || address.type == endpoint::kind::unix_socket) continue;
            auto& users = servers[address];
            if (users.empty() || users.back() != i) users.push_back(i);
        }
    }
    for (const auto& [address, users] : servers) check_address(all, address, users, say);
    check_admin(all, servers, say);
}

}  // namespace postern::config
