#include "config/summary.hpp"

#include "config/units.hpp"
#include "config/words.hpp"

namespace postern::config {
namespace {

template <class T, class Text>
std::string join(const std::vector<T>& all, Text&& text) {
    std::string line;
    for (const auto& one : all) line += (line.empty() ? "" : " ") + std::string(text(one));
    return line;
}

std::string way(const server& s) {
    if (s.ssl && s.ssl->reject_handshake) return "handshakes are rejected";
    if (!s.redirect.empty()) return "redirect to " + s.redirect;
    if (!s.locations.empty())
        return join(s.locations, [](const location& l) { return l.path + "->" + to_string(l.proxy_pass); });
    if (s.proxy_pass.type == destination::kind::none) return "404";
    return to_string(s.proxy_pass);
}

}  // namespace

std::string summary(const settings& s) {
    std::string text = "workers " + (s.workers == 0 ? "auto" : std::to_string(s.workers)) + ", connections " +
                       std::to_string(s.limits.connections) + ", log " + s.log.file + ", access " + s.log.access + "\n";
    if (s.admin.listen) text += "admin " + to_string(*s.admin.listen) + "\n";
    for (const auto& u : s.upstreams)
        text += "upstream " + u.name + ": " + join(u.servers, [](const endpoint& e) { return to_string(e); }) + "\n";
    for (const auto& one : s.servers) {
        text += join(one.listen, [](const endpoint& e) { return to_string(e); });
        text +=
            one.server_name.empty() ? "  (any name)" : "  " + join(one.server_name, [](const auto& n) { return n; });
        if (one.default_server) text += "  default";
        text += one.ssl ? "  " + join(one.ssl->protocols, [](protocol p) { return text_of(p); }) : "  plain";
        text += "  " + way(one) + "\n";
    }
    return text;
}

}  // namespace postern::config
