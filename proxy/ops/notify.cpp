#include "proxy/ops/notify.hpp"

#include "proxy/net/socket.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/un.h>

namespace postern::ops {

void notify(std::string_view assignments) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un to{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof to.sun_path) return;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path, std::strlen(path));
    if (path[0] == '@') to.sun_path[0] = '\0';
    const net::unique_fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd.value() < 0) return;
    // A manager that does not take it cannot be told so.
    static_cast<void>(::sendto(fd.value(), assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&to),
                               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path))));
}

}  // namespace postern::ops
