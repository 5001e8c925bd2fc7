#include "proxy/net/socket.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace postern::net {
namespace {

using boost::system::error_code;

error_code last_error() { return {errno, boost::system::system_category()}; }

bool set(int fd, int level, int option, int value) {
    return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

unique_fd::~unique_fd() {
    if (fd_ >= 0) ::close(fd_);
}

system_result<unique_fd> listen_on(const sockaddr* address, socklen_t length) {
    unique_fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.value() < 0) return last_error();
    if (!set(fd.value(), SOL_SOCKET, SO_REUSEADDR, 1) || !set(fd.value(), SOL_SOCKET, SO_REUSEPORT, 1) ||
        !set(fd.value(), IPPROTO_TCP, TCP_NODELAY, 1))
        return last_error();
    if (address->sa_family == AF_INET6 && !set(fd.value(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) return last_error();
    if (::bind(fd.value(), address, length) != 0) return last_error();
    // The kernel caps it at net.core.somaxconn.
    if (::listen(fd.value(), 65535) != 0) return last_error();
    return fd;
}

system_result<accepted_fd> accept_from(int listener) {
    accepted_fd accepted{};
    socklen_t length = sizeof accepted.client;
    for (;;) {
        const int fd =
            ::accept4(listener, reinterpret_cast<sockaddr*>(&accepted.client), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accepted.fd = unique_fd(fd);
            return accepted;
        }
        // The connection was reset while it waited in the queue: the next one is as good.
        if (errno != EINTR && errno != ECONNABORTED) return last_error();
    }
}

system_result<unique_fd> begin_connect(const sockaddr* address, socklen_t length) {
    unique_fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.value() < 0) return last_error();
    if (address->sa_family != AF_UNIX && !set(fd.value(), IPPROTO_TCP, TCP_NODELAY, 1)) return last_error();
    if (::connect(fd.value(), address, length) != 0 && errno != EINPROGRESS && errno != EINTR) return last_error();
    return fd;
}

error_code connect_result(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return last_error();
    return {error, boost::system::system_category()};
}

}  // namespace postern::net
