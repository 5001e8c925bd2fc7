#include "proxy/upstream/pool.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace postern::upstream {
namespace {

constexpr auto look_interval = std::chrono::seconds(1);

// A peer that has closed, or that speaks without having been asked, is not one to send a request to. The loop would have
// been told of either in a turn since; else the kernel is asked.
bool good(const net::stream_socket& socket, std::uint64_t kept_in_turn) {
    if (socket.hung_up()) return false;
    if (socket.on().turns() > kept_in_turn && socket.known_silent()) return true;
    char byte = 0;
    return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace

pool::pool(const config::upstream& settings, net::deadlines& all)
    : most_(settings.keepalive),
      longest_(settings.keepalive_timeout),
      most_requests_(settings.keepalive_requests),
      deadlines_(all) {}

std::optional<pool::kept> pool::take(const address& peer) {
    for (auto next = idle_.begin(); next != idle_.end();) {
        const auto at = next++;
        if (at->peer != peer) continue;
        auto connection = std::move(at->connection);
        const auto turn = at->turn;
        idle_.erase(at);
        if (good(connection.socket, turn)) return connection;
    }
    return std::nullopt;
}

void pool::keep(kept connection, const address& peer) {
    if (most_ == 0 || longest_ == net::clock::duration::zero() || connection.served >= most_requests_) return;
    if (idle_.size() >= most_) idle_.pop_back();
    const auto turn = connection.socket.on().turns();
    idle_.push_front({std::move(connection), peer, net::clock::now(), turn});
    if (!is_linked()) arm(deadlines_, look_interval);
}

void pool::expired() {
    const auto oldest = net::clock::now() - longest_;
    idle_.remove_if([&](auto& w) { return w.since < oldest || !good(w.connection.socket, w.turn); });
    if (!idle_.empty()) arm(deadlines_, look_interval);
}

}  // namespace postern::upstream
