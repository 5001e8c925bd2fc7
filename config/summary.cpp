#include "config/summary.hpp"

#include "config/units.hpp"
#include "config/words.hpp"

#include <algorithm>
#include <map>

namespace postern::config {
namespace {

constexpr std::size_t most_lines = 40;  // of servers; more is no longer one screen

template <class T, class Text>
std::string join(const std::vector<T>& all, Text&& text) {
    std::string line;
    for (const auto& one : all) line += (line.empty() ? "" : " ") + std::string(text(one));
    return line;
}

std::string addresses(const std::vector<endpoint>& all) {
    return join(all, [](const endpoint& e) { return to_string(e); });
}

std::string names(const server& s, bool is_default) {
    const auto own = join(s.server_name, [](const std::string& name) { return name; });
    if (own.empty()) return is_default ? "(any name)" : "(no name)";
    return is_default ? own + " (any other name)" : own;
}

std::string protocols(const server& s) {
    return s.ssl ? join(s.ssl->protocols, [](protocol p) { return text_of(p); }) : "plain HTTP";
}

// The text of an answer may be long; a URL says where it leads.
std::string answered(const answer& a) {
    return "return " + (is_redirect(a.code) ? to_string(a) : std::to_string(a.code));
}

std::string way(const location& l) {
    return path_text(l) + " -> " + (l.return_ ? answered(*l.return_) : to_string(l.proxy_pass));
}

std::string way(const server& s) {
    if (s.ssl && s.ssl->reject_handshake) return "handshakes are rejected";
    if (!s.redirect.empty()) return "redirect to " + s.redirect;
    if (s.return_) return answered(*s.return_);
    if (!s.locations.empty()) return join(s.locations, [](const location& l) { return way(l); });
    if (s.proxy_pass.type == destination::kind::none) return "404";
    return to_string(s.proxy_pass);
}

// How many servers staple, and for how long.
std::string stapling(const settings& s) {
    const auto number = std::count_if(s.servers.begin(), s.servers.end(),
                                      [](const server& one) { return one.ssl && one.ssl->stapling; });
    if (number == 0) return {};
    return "stapling " + std::to_string(number) + (number == 1 ? " server, " : " servers, ") +
           (s.state_directory.empty() ? "asked for anew after a restart (no state_directory)"
                                      : "kept in " + s.state_directory) +
           "\n";
}

struct listener {
    endpoint address;
    std::vector<const server*> servers;  // the default one first
};

// Each address once, in the order of the file.
std::vector<listener> listeners(const settings& s) {
    std::vector<listener> all;
    std::map<endpoint, std::size_t> known;
    for (const auto& one : s.servers)
        for (const auto& address : one.listen) {
            const auto [at, added] = known.emplace(address, all.size());
            if (added) all.push_back({address, {}});
            all[at->second].servers.push_back(&one);
        }
    for (auto& [address, servers] : all) {
        const auto chosen = std::find_if(servers.begin(), servers.end(), [](auto* one) { return one->default_server; });
        if (chosen != servers.end()) std::rotate(servers.begin(), chosen, chosen + 1);
    }
    return all;
}

}  // namespace

std::string summary(const settings& s) {
    std::string text = "workers " + (s.workers == 0 ? "auto" : std::to_string(s.workers)) + ", connections " +
                       std::to_string(s.limits.connections) + ", log " + s.log.file + ", access " + s.log.access + "\n";
    if (s.admin.listen) text += "admin " + to_string(*s.admin.listen) + "\n";
    for (const auto& u : s.upstreams) text += "upstream " + u.name + ": " + addresses(u.servers) + "\n";
    text += stapling(s);
    std::size_t lines = 0, left_out = 0;
    for (const auto& [address, servers] : listeners(s)) {
        if (lines < most_lines) text += to_string(address) + "\n";
        for (const server* one : servers) {
            if (++lines <= most_lines)
                text += "  " + names(*one, one == servers.front()) + "  " + protocols(*one) + "  " + way(*one) + "\n";
            else
                ++left_out;
        }
    }
    if (left_out > 0) text += "... and " + std::to_string(left_out) + " more\n";
    return text;
}

}  // namespace postern::config
