#include "proxy/ops/counts.hpp"

namespace postern::ops {

void listener_counts::answered(const request_record& r) {
    requests[http_methods.place_of(r.method)][status_class(r.status)].add();
    request_times.observe(r.lasted);
    ended(r.why);
}

void worker_counts::shook_hands(listener_counts& at, const tls_record& agreed) {
    (agreed.resumed ? at.resumed : at.full).observe(agreed.handshake);
    const auto group = agreed.group.empty() ? "none" : agreed.group;
    tls_connections[tls_versions.place_of(agreed.version)][tls_ciphers.place_of(agreed.cipher)]
                   [tls_groups.place_of(group)]
                       .add();
}

listener_counts& worker_counts::listener(const std::string& address) {
    const std::lock_guard lock(mutex_);
    return listeners_[address];
}

upstream::target_counts worker_counts::target(const config::upstream& of) {
    const std::lock_guard lock(mutex_);
    upstream::target_counts found{&unresolved_[of.name], {}};
    for (const auto& server : of.servers) found.of_servers.push_back(&peers_[{of.name, config::to_string(server)}]);
    return found;
}

worker_counts& all_counts::add_worker() {
    const std::lock_guard lock(mutex_);
    return workers_.emplace_back();
}

}  // namespace postern::ops
