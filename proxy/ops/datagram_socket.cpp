#include "proxy/ops/datagram_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postern::ops {
namespace {

using steady_clock = std::chrono::steady_clock;

constexpr int look_up_ms = 50;
constexpr auto longest_wait = std::chrono::seconds(1);

// The descriptor travels beside the datagram (unix(7), SCM_RIGHTS).
struct descriptor_message {
    descriptor_message(std::string_view datagram, int descriptor) {
        part_.iov_base = const_cast<char*>(datagram.data());
        part_.iov_len = datagram.size();
        if (!datagram.empty()) {
            header.msg_iov = &part_;
            header.msg_iovlen = 1;
        }
        if (descriptor < 0) return;
        header.msg_control = control_;
        header.msg_controllen = sizeof control_;
        auto* const rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    descriptor_message(const descriptor_message&) = delete;
    descriptor_message& operator=(const descriptor_message&) = delete;

    msghdr header{};

private:
    iovec part_{};
    alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(int))] = {};
};

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

datagram_socket::sent datagram_socket::send(std::string_view datagram) { return send_message(datagram, -1); }

datagram_socket::sent datagram_socket::send_as_file(std::string_view content) {
    const net::unique_fd file(::memfd_create("postern-log", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (file.value() < 0 || !write_all(file.value(), content)) return sent::too_long;
    // The journal takes no file that could change under its eyes.
    if (::fcntl(file.value(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
        return sent::too_long;
    return send_message({}, file.value());
}

datagram_socket::sent datagram_socket::send_message(std::string_view datagram, int with_descriptor) {
    const descriptor_message message(datagram, with_descriptor);
    for (bool again = true;;) {
        if (!connect()) return sent::lost;
        if (::sendmsg(fd_.value(), &message.header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
            stuck_ = false;
            return sent::yes;
        }
        if (errno == EINTR) continue;
        if (errno == EMSGSIZE) return sent::too_long;
        if (errno == EAGAIN) {
            if (!wait_for_room()) return sent::lost;
            continue;
        }
        // The receiver that was there is gone (a restart), or an earlier datagram found none (UDP): once more, from the start.
        fd_ = {};
        if (!std::exchange(again, false)) return sent::lost;
    }
}

bool datagram_socket::connect() {
    if (fd_.value() >= 0) return true;
    net::unique_fd fd(::socket(to_.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.value() < 0 || ::connect(fd.value(), to_.data(), to_.size()) != 0) return false;
    fd_ = std::move(fd);
    return true;
}

bool datagram_socket::wait_for_room() {
    if (stuck_) return false;
    const auto end = steady_clock::now() + longest_wait;
    pollfd one{fd_.value(), POLLOUT, 0};
    while (steady_clock::now() < std::min(end, patience_.load()))
        if (::poll(&one, 1, look_up_ms) > 0) return true;
    stuck_ = true;
    return false;
}

}  // namespace postern::ops
