// Sockets as descriptors: what Asio has no call for. No waiting.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <utility>

#include <sys/socket.h>

namespace postern::net {

// Owns a descriptor.
class unique_fd {
public:
    unique_fd() = default;
    explicit unique_fd(int fd) : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        unique_fd(std::move(other)).swap(*this);
        return *this;
    }
    ~unique_fd();

    [[nodiscard]] int value() const { return fd_; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }
    void swap(unique_fd& other) noexcept { std::swap(fd_, other.fd_); }

private:
    int fd_ = -1;
};

template <class T>
using system_result = boost::system::result<T, boost::system::error_code>;

// A listening TCP socket with SO_REUSEPORT, so that each worker can have one of its own. IPv6 sockets are v6 only, as
// nginx's `[::]:443`. TCP_NODELAY is set here because accepted sockets inherit it.
[[nodiscard]] system_result<unique_fd> listen_on(const sockaddr* address, socklen_t length);

// One waiting connection, non-blocking and close-on-exec, and who it is. Error EAGAIN: none waits.
struct accepted_fd {
    unique_fd fd;
    sockaddr_storage client;
};
[[nodiscard]] system_result<accepted_fd> accept_from(int listener);

// Begins a connect on a new non-blocking socket; it is finished when the socket becomes writable: see connect_result.
[[nodiscard]] system_result<unique_fd> begin_connect(const sockaddr* address, socklen_t length);
[[nodiscard]] boost::system::error_code connect_result(int fd);

}  // namespace postern::net
