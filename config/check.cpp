#include "config/complaints.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

#include <algorithm>
#include <map>

namespace postern::config {
namespace {

// sun_path has 108 bytes, one of them for the zero at the end (unix(7)).
constexpr std::size_t longest_socket_path = 107;

std::string item(const std::string& list, std::size_t i) { return list + "[" + std::to_string(i) + "]"; }

void check_socket(const endpoint& e, const std::string& key, complaints& say) {
    if (e.type == endpoint::kind::unix_socket && e.path.size() > longest_socket_path)
        say.refuse(key, "the path of a unix socket is too long", e.path, "at most 107 bytes");
}

void check_globals(const settings& all, complaints& say) {
    if (all.servers.empty()) say.refuse_absent("", "servers", "nothing is served", "at least one server");
    if (all.admin.listen) check_socket(*all.admin.listen, "admin.listen", say);
    const auto colon = all.user.find(':');
    const bool half =
        colon == 0 || (colon != std::string::npos &&
                       (colon + 1 == all.user.size() || all.user.find(':', colon + 1) != std::string::npos));
    if (half) say.refuse("user", "neither a user nor a user and its group", all.user, "USER or USER:GROUP");
}

void check_upstream(const upstream& u, complaints& say) {
    const std::string key = "upstreams." + u.name;
    if (!is_upstream_name(u.name))
        say.refuse(key, "not a name for a group", u.name, "letters, digits, `.`, `-` and `_`");
    if (u.servers.empty()) say.refuse_absent(key, "servers", "a group without servers", "servers: [HOST:PORT, ...]");
    for (std::size_t i = 0; i < u.servers.size(); ++i) {
        const auto& peer = u.servers[i];
        const std::string at = item(key + ".servers", i);
        check_socket(peer, at, say);
        if (peer.type == endpoint::kind::tcp && peer.host.empty() && peer.port != 0)
            say.refuse(at, "an address without a host", to_string(peer), "HOST:PORT");
        const auto end = u.servers.begin() + static_cast<std::ptrdiff_t>(i);
        if (peer != endpoint{} && std::find(u.servers.begin(), end, peer) != end)
            say.refuse(at, "an address stands here twice", to_string(peer));
    }
}

void check_name(const std::string& name, const std::string& key, complaints& say) {
    if (name.empty()) return;  // it could not be read
    std::string_view rest = name;
    if (rest.starts_with("*."))
        rest.remove_prefix(2);
    else if (rest.starts_with("."))
        rest.remove_prefix(1);
    else if (rest.ends_with(".*"))
        rest.remove_suffix(2);
    const bool right = !rest.empty() && name.size() <= 255 &&
                       rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos &&
                       rest.find("..") == std::string_view::npos && rest.front() != '.' && rest.back() != '.';
    if (!right) say.refuse(key, "not a server name", name, "www.example.org, \"*.example.org\" or \"www.example.*\"");
}

void check_ssl(const ssl& s, const std::string& key, complaints& say) {
    if (s.certificate.empty() && !s.reject_handshake)
        say.refuse_absent(key, "certificate", "no certificate",
                          "certificate and certificate_key, or reject_handshake: on");
    // None at all: each certificate's file holds its key too (nginx).
    const bool paired = s.certificate_key.empty() || s.certificate_key.size() == s.certificate.size();
    if (!paired && !s.certificate.empty())
        say.refuse(key + ".certificate_key", "as many keys as certificates belong here",
                   std::to_string(s.certificate_key.size()) + " for " + std::to_string(s.certificate.size()),
                   "a key for each certificate, or none when the certificates' files hold them");
    if (s.protocols.empty())
        say.refuse_absent(key, "protocols", "no protocol is left", "protocols: [TLSv1.2, TLSv1.3]");
    check_stapling(s, key, say);
}

class server_rules {
public:
    server_rules(const settings& all, complaints& say) : say_(say) {
        for (const auto& u : all.upstreams) groups_.push_back(u.name);
        std::sort(groups_.begin(), groups_.end());
    }

    void apply(const server& s, const std::string& key) {
        if (s.listen.empty())
            say_.refuse_absent(key, "listen", "a server that listens nowhere", "listen: " + std::string(endpoint_form));
        for (std::size_t i = 0; i < s.server_name.size(); ++i)
            check_name(s.server_name[i], item(key + ".server_name", i), say_);
        if (s.ssl) check_ssl(*s.ssl, key + ".ssl", say_);
        check_destination(s.proxy_pass, key + ".proxy_pass");
        check_ways(s, key);
        check_locations(s, key);
        check_clients(s, key, say_);
        check_http(s, key, say_);
    }

private:
    void check_destination(const destination& d, const std::string& key) {
        check_socket(d.address, key, say_);
        if (d.upstream.empty() || std::binary_search(groups_.begin(), groups_.end(), d.upstream)) return;
        say_.refuse(key, "no such group in upstreams, and an address has a port", to_string(d),
                    std::string(destination_form), suggest(d.upstream, groups_));
    }

    // A server has one way to answer: proxy_pass, redirect, return or locations.
    void check_ways(const server& s, const std::string& key) {
        const bool passes = s.proxy_pass.type != destination::kind::none;
        const bool tcp = s.proxy_pass.type == destination::kind::tcp;
        if (tcp && !s.locations.empty()) say_.refuse(key + ".locations", "a TCP server has no locations");
        if (tcp && !s.redirect.empty()) say_.refuse(key + ".redirect", "a TCP server cannot redirect");
        if (tcp && !s.ssl)
            say_.refuse(key + ".proxy_pass",
                        "TCP without ssl is not terminated TLS: a server with tcp:// needs an ssl block",
                        to_string(s.proxy_pass));
        if (passes && !tcp && !s.locations.empty())
            say_.refuse(key + ".proxy_pass", "a server has proxy_pass or locations, not both", to_string(s.proxy_pass),
                        "a location with `path: /` in place of proxy_pass");
        if (!tcp && !s.redirect.empty() && (passes || !s.locations.empty()))
            say_.refuse(key + ".redirect", "a server that redirects every request has no other destination", s.redirect,
                        "redirect alone");
        if (!tcp && s.return_ && (passes || !s.redirect.empty() || !s.locations.empty()))
            say_.refuse(key + ".return", "a server that answers every request itself has no other destination",
                        to_string(*s.return_), "return alone");
        if (!s.redirect.empty() && !redirect_port(s.redirect))
            say_.refuse(key + ".redirect", "not a redirect", s.redirect, "https or https:PORT");
    }

    void check_locations(const server& s, const std::string& key) {
        std::map<std::string, std::size_t> paths;
        for (std::size_t i = 0; i < s.locations.size(); ++i) {
            const auto& own = s.locations[i];
            const std::string at = item(key + ".locations", i);
            const auto [first, added] = paths.emplace(path_text(own), i);
            if (!own.path.starts_with("/"))
                say_.refuse(at + ".path", "a path begins with /", path_text(own), std::string(location_form));
            else if (!added)
                say_.refuse(at + ".path", "this path is " + item("locations", first->second) + "'s", first->first);
            check_location(own, at);
        }
    }

    void check_location(const location& own, const std::string& at) {
        const bool passes = own.proxy_pass.type != destination::kind::none;
        if (!passes && !own.return_)
            say_.refuse_absent(at, "proxy_pass", "a location that leads nowhere", "proxy_pass: http://... or return");
        if (passes && own.return_)
            say_.refuse(at + ".return", "a location has proxy_pass or return, not both", to_string(*own.return_));
        if (own.proxy_pass.type == destination::kind::tcp)
            say_.refuse(at + ".proxy_pass", "a location forwards requests, not connections", to_string(own.proxy_pass),
                        "http://...");
        check_destination(own.proxy_pass, at + ".proxy_pass");
    }

    complaints& say_;
    std::vector<std::string> groups_;
};

}  // namespace

void check(document& doc) {
    complaints say(doc);
    const auto& all = doc.settings;
    check_globals(all, say);
    for (const auto& u : all.upstreams) check_upstream(u, say);
    server_rules rules(all, say);
    for (std::size_t i = 0; i < all.servers.size(); ++i) rules.apply(all.servers[i], server_key(i));
    check_caches(all, say);
    check_tickets(all, say);
    check_addresses(all, say);
}

}  // namespace postern::config
