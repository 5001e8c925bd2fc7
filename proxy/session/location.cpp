#include "proxy/session/location.hpp"

#include "proxy/session/guard.hpp"

#include <algorithm>

namespace postern::session {
namespace {

using config::destination;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

// Decoded characters that mean something in a target are encoded again (nginx's escaping of URIs).
void append_encoded(std::string& to, std::string_view path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '%' && c != '?' && c != '#') {
            to += c;
        } else {
            to += '%';
            to += digits[byte >> 4];
            to += digits[byte & 15];
        }
    }
}

bool is_plain_name(const std::string& name) { return name.find('*') == std::string::npos && !name.starts_with('.'); }

}  // namespace

result<std::size_t> choose_server(const snapshot& all, const listen_address& at, std::size_t of_connection,
                                  std::string_view host) {
    const auto parts = wire::parse_authority(host);
    const auto found = parts ? at.names.find(lower(parts->name)) : std::nullopt;
    const std::size_t chosen = found.value_or(of_connection);
    const auto& servers = all.settings.servers;
    if (chosen == of_connection) return chosen;
    const bool speaks_http = servers[chosen].proxy_pass.type != destination::kind::tcp;
    if (speaks_http && guard_alike(servers[of_connection], servers[chosen])) return chosen;
    return failure{party::client, phase::request, reason::misdirected, std::string(host)};
}

const config::location* choose_location(const config::server& server, std::string_view path) {
    const config::location* best = nullptr;
    for (const auto& l : server.locations) {
        if (l.exact && path == l.path) return &l;
        if (l.exact || !path.starts_with(l.path)) continue;
        if (best == nullptr || l.path.size() > best->path.size()) best = &l;
    }
    return best;
}

std::string upstream_target(const destination& to, const config::location* at, std::string_view target,
                            std::string_view path) {
    if (to.uri.empty() || target == "*") return std::string(target);
    std::string out = to.uri;
    append_encoded(out, path.substr(at != nullptr ? at->path.size() : 1));
    const auto query = target.find('?');
    if (query != std::string_view::npos) out += target.substr(query);
    return out;
}

bool lacks_slash(const config::server& server, const config::location* at, std::string_view path) {
    if (at != nullptr && at->path.size() == path.size()) return false;
    return std::any_of(server.locations.begin(), server.locations.end(), [&](const auto& l) {
        return !l.exact && l.proxy_pass.type != destination::kind::none && l.path.size() == path.size() + 1 &&
               l.path.ends_with('/') && l.path.starts_with(path);
    });
}

std::string with_slash(std::string_view target, std::string_view path) {
    const auto query = target.find('?');
    std::string out;
    append_encoded(out, path);
    out += '/';
    return query == std::string_view::npos ? out : out.append(target.substr(query));
}

std::string on_this_host(std::string location) {
    const bool like_a_host = location.starts_with("//") || location.starts_with("/\\");
    // A dot segment means nothing, and what comes before it is a path (RFC 3986 section 5.2.4).
    return like_a_host ? "/." + location : location;
}

std::string_view first_name(const config::server& server) {
    if (server.server_name.empty()) return {};
    const std::string_view name = server.server_name.front();
    return name.substr(name.starts_with('.') ? 1 : 0);
}

std::string_view https_port(std::string_view redirect) {
    constexpr std::string_view before = "https:";
    return redirect.starts_with(before) ? redirect.substr(before.size()) : std::string_view();
}

std::string https_location(const config::server& server, const listen_address& at, std::string_view port,
                           std::string_view host, std::string_view target) {
    const auto parts = wire::parse_authority(host);
    std::string name = parts ? std::string(parts->name) : std::string();
    const auto first = std::find_if(server.server_name.begin(), server.server_name.end(), is_plain_name);
    if (first != server.server_name.end() && (name.empty() || !at.names.find(lower(name)))) name = *first;
    if (name.empty()) return {};
    std::string out = "https://" + name;
    if (!port.empty() && port != "443") out.append(":").append(port);
    return out.append(target == "*" ? "/" : target);
}

}  // namespace postern::session
