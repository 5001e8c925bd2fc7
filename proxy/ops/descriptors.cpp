#include "proxy/ops/descriptors.hpp"

#include "proxy/net/socket.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>

namespace postern::ops {
namespace {

// A table of 128 KiB.
constexpr rlim_t room = 16 * 1024;

}  // namespace

void make_room_for_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const net::unique_fd any(::epoll_create1(EPOLL_CLOEXEC));
    const auto last = static_cast<int>(std::min(room, limit.rlim_cur) - 1);
    const net::unique_fd farthest(::fcntl(any.value(), F_DUPFD_CLOEXEC, last));
}

}  // namespace postern::ops
