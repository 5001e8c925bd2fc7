#include "proxy/ops/own_name.hpp"

#include "config/folded.hpp"
#include "config/network.hpp"

namespace postern::ops {

bool is_loopback(const config::endpoint& where) {
    if (where.type != config::endpoint::kind::tcp) return false;
    for (const std::string_view network : {"127.0.0.0/8", "::1"})
        if (config::parse_network(network)->contains(where.host)) return true;
    return false;
}

bool is_own_name(std::string_view host) {
    const auto bracket = host.find(']');
    host = host.substr(0, host.find(':', bracket == std::string_view::npos ? 0 : bracket));
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.find('.') == std::string_view::npos || config::parse_network(host)) return true;
    return config::folded(host).ends_with(".localhost");
}

}  // namespace postern::ops
