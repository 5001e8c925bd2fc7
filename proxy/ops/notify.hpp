// systemd's notification protocol (sd_notify(3)) without libsystemd: datagrams to $NOTIFY_SOCKET.
#pragma once

#include <string_view>

namespace postern::ops {

// "READY=1", "STOPPING=1", "STATUS=...": newline-separated assignments. Nothing happens when no manager listens.
void notify(std::string_view assignments);

}  // namespace postern::ops
