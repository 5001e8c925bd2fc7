// Lines to syslog or to the journal, each in a datagram of its own.
#pragma once

#include "config/log_target.hpp"
#include "proxy/ops/datagram_socket.hpp"
#include "proxy/ops/destination.hpp"
#include "proxy/ops/syslog_message.hpp"

#include <string>

namespace postern::ops {

class datagram_destination final : public destination {
public:
    // `patience` outlives it.
    datagram_destination(const config::log_target& target, const upstream::address& to, const last_wait& patience);

    // Lines are lost while nobody receives and while the receiver is full and does not read. One that is too long for a
    // datagram is sent to the journal in another way, to syslog shortened().
    [[nodiscard]] std::uint64_t write(std::string_view lines, line_level level) override;

private:
    [[nodiscard]] bool send(std::string_view line, line_level level);
    [[nodiscard]] datagram_socket::sent send_whole(std::string_view line, line_level level);

    bool to_journal_;
    unsigned severity_of_access_;
    syslog_origin origin_;
    datagram_socket socket_;
    std::string datagram_;  // kept for its room
};

}  // namespace postern::ops
