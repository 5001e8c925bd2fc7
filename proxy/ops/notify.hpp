// systemd's notification protocol (sd_notify(3)) without libsystemd: datagrams to $NOTIFY_SOCKET.
#pragma once

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

namespace postern::ops {

// "READY=1", "STOPPING=1", "STATUS=...": newline-separated assignments. Success without a manager ($NOTIFY_SOCKET is
// unset); else what the system says when the datagram could not be sent. Never waits.
boost::system::error_code notify(std::string_view assignments);

// The assignments that begin a reload: RELOADING=1 and the MONOTONIC_USEC that newer managers ask for beside it. A
// READY=1 has to follow when the reload has ended, however it went.
[[nodiscard]] std::string reloading();

}  // namespace postern::ops
