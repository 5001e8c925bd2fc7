// A socket to a receiver of logs, which may be slow, away, or back again: syslog's and the journal's. It never blocks for
// longer than a second, and that only until the receiver has proved to be stuck.
#pragma once

#include "proxy/net/socket.hpp"
#include "proxy/ops/destination.hpp"
#include "proxy/upstream/address.hpp"

#include <string_view>

namespace postern::ops {

class datagram_socket {
public:
    enum class sent { yes, too_long, lost };

    // Nobody needs to be there yet: each datagram looks for the receiver anew until it is found. `patience` outlives this.
    datagram_socket(const upstream::address& to, const last_wait& patience) : to_(to), patience_(patience) {}

    [[nodiscard]] sent send(std::string_view datagram);
    // For what is too long: as a sealed file in memory, whose descriptor is sent (the journal alone takes such). It is
    // still too long where there can be no such file.
    [[nodiscard]] sent send_as_file(std::string_view content);

private:
    // Until it goes through or there is no hope. `with_descriptor`: negative for none.
    [[nodiscard]] sent send_message(std::string_view datagram, int with_descriptor);
    [[nodiscard]] bool connect();
    [[nodiscard]] bool wait_for_room();

    upstream::address to_;
    const last_wait& patience_;
    net::unique_fd fd_;
    bool stuck_ = false;  // the receiver was waited for in vain, and has taken nothing since
};

}  // namespace postern::ops
