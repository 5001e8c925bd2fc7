#include "config/document.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace postern::config {
namespace {

std::string key_of(std::size_t server) { return "servers[" + std::to_string(server) + "]"; }

class checker {
public:
    explicit checker(document& doc) : doc_(doc), all_(doc.settings) {}

    void run() {
        if (all_.servers.empty()) refuse("servers", "nothing is served", {}, "at least one server");
        for (std::size_t i = 0; i < all_.upstreams.size(); ++i) check_upstream(all_.upstreams[i]);
        for (std::size_t i = 0; i < all_.servers.size(); ++i) check_server(all_.servers[i], key_of(i));
        check_addresses();
        check_limits();
    }

private:
    void refuse(const std::string& key, std::string what, std::string found = {}, std::string allowed = {},
                std::string suggestion = {}) {
        problem p;
        p.where = doc_.place_of(key);
        p.key = key;
        p.what = std::move(what);
        p.found = std::move(found);
        p.allowed = std::move(allowed);
        p.suggestion = std::move(suggestion);
        doc_.problems.push_back(std::move(p));
    }

    void check_limits() {
        if (all_.limits.connections == 0)
            refuse("limits.connections", "no connection is allowed", "0", "a number from 1");
        if (all_.limits.handshakes_in_flight == 0)
            refuse("limits.handshakes_in_flight", "no handshake is allowed", "0", "a number from 1");
    }

    void check_upstream(const upstream& u) {
        const std::string key = "upstreams." + u.name;
        if (u.servers.empty()) refuse(key, "a group without servers", {}, "servers: [HOST:PORT, ...]");
        for (std::size_t i = 0; i < u.servers.size(); ++i)
            if (u.servers[i].type == endpoint::kind::tcp && u.servers[i].host.empty())
                refuse(key + ".servers[" + std::to_string(i) + "]", "an address without a host", {}, "HOST:PORT");
    }

    void check_server(const server& s, const std::string& key) {
        if (s.listen.empty()) refuse(key, "a server that listens nowhere", {}, "listen: " + std::string(endpoint_form));
        for (std::size_t i = 0; i < s.listen.size(); ++i)
            if (s.listen[i].type == endpoint::kind::unix_socket)
                refuse(key + ".listen[" + std::to_string(i) + "]", "servers listen on TCP addresses only",
                       to_string(s.listen[i]), "443, 127.0.0.1:443 or \"[::1]:443\"");
        for (std::size_t i = 0; i < s.server_name.size(); ++i)
            check_name(s.server_name[i], key + ".server_name[" + std::to_string(i) + "]");
        if (s.ssl) check_ssl(*s.ssl, key + ".ssl");
        check_destination(s.proxy_pass, key + ".proxy_pass");
        check_ways(s, key);
    }

    void check_name(const std::string& name, const std::string& key) {
        std::string_view rest = name;
        if (rest.starts_with("*."))
            rest.remove_prefix(2);
        else if (rest.starts_with("."))
            rest.remove_prefix(1);
        else if (rest.ends_with(".*"))
            rest.remove_suffix(2);
        const bool right =
            !rest.empty() && rest.size() <= 255 &&
            rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos &&
            rest.find("..") == std::string_view::npos && rest.front() != '.';
        if (!right) refuse(key, "not a server name", name, "www.example.org, \"*.example.org\" or \"www.example.*\"");
    }

    void check_ssl(const ssl& s, const std::string& key) {
        if (s.certificate.empty() && !s.reject_handshake)
            refuse(key, "no certificate", {}, "certificate and certificate_key, or reject_handshake: on");
        if (!s.certificate_key.empty() && s.certificate_key.size() != s.certificate.size())
            refuse(key + ".certificate_key", "as many keys as certificates belong here",
                   std::to_string(s.certificate_key.size()) + " for " + std::to_string(s.certificate.size()));
        if (s.protocols.empty()) refuse(key + ".protocols", "no protocol is left", {}, "[TLSv1.2, TLSv1.3]");
        if (s.buffer_size < 512 || s.buffer_size > 16 * 1024)
            refuse(key + ".buffer_size", "a record size that TLS does not have", size_text(s.buffer_size),
                   "512 to 16k");
        const bool needs_ca = s.verify_client == verify_mode::on || s.verify_client == verify_mode::optional;
        if (needs_ca && s.client_certificate.empty())
            refuse(key + ".verify_client", "clients cannot be verified without client_certificate");
        if (s.session_timeout < std::chrono::seconds(1))
            refuse(key + ".session_timeout", "less than a second", to_string(s.session_timeout), "1s or more");
    }

    void check_destination(const destination& d, const std::string& key) {
        if (d.upstream.empty()) return;
        std::vector<std::string> names;
        for (const auto& u : all_.upstreams) names.push_back(u.name);
        if (std::find(names.begin(), names.end(), d.upstream) != names.end()) return;
        refuse(key, "no such group in upstreams, and an address has a port", to_string(d),
               std::string(destination_form), suggest(d.upstream, names));
    }

    void check_ways(const server& s, const std::string& key) {
        const bool tcp = s.proxy_pass.type == destination::kind::tcp;
        if (tcp && !s.locations.empty()) refuse(key + ".locations", "a TCP server has no locations");
        if (tcp && !s.redirect.empty()) refuse(key + ".redirect", "a TCP server cannot redirect");
        if (tcp && !s.ssl)
            refuse(key + ".proxy_pass",
                   "TCP without ssl is not terminated TLS: a server with tcp:// needs an ssl block");
        if (!s.redirect.empty() && s.redirect != "https" && !redirect_with_port(s.redirect))
            refuse(key + ".redirect", "not a redirect", s.redirect, "https or https:PORT");
        for (std::size_t i = 0; i < s.locations.size(); ++i) {
            const std::string at = key + ".locations[" + std::to_string(i) + "]";
            if (!s.locations[i].path.starts_with("/"))
                refuse(at + ".path", "a path begins with /", s.locations[i].path);
            if (s.locations[i].proxy_pass.type == destination::kind::tcp)
                refuse(at + ".proxy_pass", "a location forwards requests, not connections", {}, "http://...");
            check_destination(s.locations[i].proxy_pass, at + ".proxy_pass");
        }
    }

    static bool redirect_with_port(const std::string& text) {
        if (!text.starts_with("https:")) return false;
        const auto port = parse_number(std::string_view(text).substr(6));
        return port && *port > 0 && *port <= 65535;
    }

    // What several servers say about one address must fit together.
    void check_addresses() {
        std::map<endpoint, std::vector<std::size_t>> by_address;
        for (std::size_t i = 0; i < all_.servers.size(); ++i) {
            auto listen = all_.servers[i].listen;
            std::sort(listen.begin(), listen.end());
            if (std::adjacent_find(listen.begin(), listen.end()) != listen.end())
                refuse(key_of(i) + ".listen", "an address stands here twice");
            listen.erase(std::unique(listen.begin(), listen.end()), listen.end());
            for (const auto& address : listen) by_address[address].push_back(i);
        }
        for (const auto& [address, servers] : by_address) check_address(address, servers);
        if (all_.admin.listen && by_address.contains(*all_.admin.listen))
            refuse("admin.listen", "a server listens on this address too", to_string(*all_.admin.listen));
    }

    void check_address(const endpoint& address, const std::vector<std::size_t>& servers) {
        const std::string on = to_string(address);
        std::optional<std::size_t> chosen;
        std::map<std::string, std::size_t> names;
        for (const std::size_t i : servers) {
            const auto& s = all_.servers[i];
            if (s.ssl.has_value() != all_.servers[servers.front()].ssl.has_value())
                refuse(key_of(i) + ".listen", "one address with ssl and without", on);
            if (s.default_server && chosen)
                refuse(key_of(i) + ".default_server",
                       "two default servers for one address; the other is " + key_of(*chosen), on);
            if (s.default_server && !chosen) chosen = i;
            for (const auto& name : s.server_name)
                if (const auto [first, added] = names.emplace(name, i); !added)
                    refuse(key_of(i) + ".server_name", "this name on this address is " + key_of(first->second) + "'s",
                           name + " on " + on);
        }
        if (servers.size() > 1)
            for (const std::size_t i : servers)
                if (all_.servers[i].server_name.empty() && i != chosen.value_or(servers.front()))
                    refuse(key_of(i) + ".listen",
                           "a server without a name that is not the default one is never reached", on);
    }

    document& doc_;
    const settings& all_;
};

}  // namespace

void check(document& doc) { checker(doc).run(); }

}  // namespace postern::config
