#include "proxy/net/stream.hpp"

#include <cerrno>
#include <cstring>

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace postern::net {

io_result stream::receive(std::span<std::uint8_t> into) {
    if (drained_) return {io_status::would_block, 0};
    for (;;) {
        const ssize_t n = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
        if (n > 0) {
            // A short read leaves nothing, unless the end is there: the kernel reports that once.
            if (static_cast<std::size_t>(n) < into.size())
                drain();
            else
                socket_.still_readable();
            return {io_status::ok, static_cast<std::size_t>(n)};
        }
        if (n == 0) return {io_status::end, 0};
        if (errno == EAGAIN) drain();
        if (errno != EINTR) return {explain(errno), 0};
    }
}

io_result stream::transmit(std::span<const std::uint8_t> from) {
    const int how = MSG_DONTWAIT | MSG_NOSIGNAL | (end_follows_ ? MSG_MORE : 0);
    std::size_t sent = 0;
    while (sent < from.size()) {
        const ssize_t n = ::send(socket_.native_handle(), from.data() + sent, from.size() - sent, how);
        if (n >= 0) {
            sent += static_cast<std::size_t>(n);
            // A short send means that the kernel's buffer is full; asking again would be a wasted call.
            if (sent < from.size()) {
                socket_.exhausted(direction::write);
                return {io_status::would_block, sent};
            }
        } else if (errno != EINTR) {
            if (errno == EAGAIN) socket_.exhausted(direction::write);
            return {explain(errno), sent};
        }
    }
    return {io_status::ok, sent};
}

io_status stream::shut_down_write() {
    if (::shutdown(socket_.native_handle(), SHUT_WR) == 0) return io_status::ok;
    return explain(errno);
}

io_status stream::explain(int error) {
    switch (error) {
        case EAGAIN: return io_status::would_block;
        case ECONNRESET:
        case EPIPE:
        case ENOTCONN:
        case ECONNABORTED: return io_status::reset;
        default: error_ = std::strerror(error); return io_status::failed;
    }
}

void stream::drain() {
    drained_ = !socket_.hung_up();
    socket_.exhausted(direction::read);
}

void stream::close() noexcept { socket_.close(); }

void stream::reset() noexcept {
    const linger none{1, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close();
}

bool stream::hung_up() noexcept {
    pollfd look{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) > 0;
}

std::size_t stream::unsent() noexcept {
    int bytes = 0;
    if (::ioctl(socket_.native_handle(), SIOCOUTQ, &bytes) != 0) return 0;
    return static_cast<std::size_t>(bytes);
}

}  // namespace postern::net
