#include "proxy/ops/notify.hpp"

#include "proxy/net/socket.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <ctime>

#include <sys/un.h>

namespace postern::ops {
namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

}  // namespace

boost::system::error_code notify(std::string_view assignments) {
    const char* variable = std::getenv("NOTIFY_SOCKET");
    if (variable == nullptr) return {};
    const std::string_view path = variable;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    // sd_notify(3) knows a vsock: form too, which managers use towards virtual machines, not services.
    if (!path.starts_with('/') && !path.starts_with('@')) return {EAFNOSUPPORT, boost::system::system_category()};
    if (path.size() >= sizeof to.sun_path) return {ENAMETOOLONG, boost::system::system_category()};
    path.copy(to.sun_path, path.size());
    if (path[0] == '@') to.sun_path[0] = '\0';
    const net::unique_fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd.value() < 0) return last_error();
    const auto sent = ::sendto(fd.value(), assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&to),
                               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size()));
    return sent < 0 ? last_error() : boost::system::error_code();
}

std::string reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1'000'000LL + now.tv_nsec / 1000);
}

}  // namespace postern::ops
