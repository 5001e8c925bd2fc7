#include "proxy/ops/output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::ops {
namespace {

using steady_clock = std::chrono::steady_clock;

// What a pipe that poll() calls writable takes without blocking: PIPE_BUF on Linux, pipe(7). Our standard descriptors
// are shared with other processes, so they cannot be made non-blocking.
constexpr std::size_t never_blocks = 4096;
constexpr int look_up_ms = 100;

// Has no descriptor for "off".
net::unique_fd open_target(const std::string& target) {
    if (target == "off") return {};
    if (target == "stdout") return net::unique_fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (target == "stderr") return net::unique_fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
    // O_NONBLOCK: a FIFO that nobody reads is an error at once instead of a wait for a reader.
    return net::unique_fd(::open(target.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640));
}

bool is_regular(int fd) {
    struct stat facts {};
    return ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

}  // namespace

std::string output::open(const std::string& target) {
    const std::lock_guard lock(mutex_);
    // A reload must not fail, nor lose a file, over a log that it does not change.
    if (target == target_) return {};
    auto fd = open_target(target);
    if (fd.value() < 0 && target != "off") return target + ": " + std::strerror(errno);
    target_ = target;
    hand_over(std::move(fd));
    return {};
}

std::string output::reopen() {
    const std::lock_guard lock(mutex_);
    if (target_ == "off") return {};
    auto fd = open_target(target_);
    if (fd.value() < 0) return target_ + ": " + std::strerror(errno);
    hand_over(std::move(fd));
    return {};
}

void output::hand_over(net::unique_fd fd) {
    off_ = fd.value() < 0;
    next_ = std::move(fd);
}

void output::hurry(std::chrono::milliseconds grace) { no_later_ = steady_clock::now() + grace; }

std::size_t output::write(std::string_view lines) {
    take_next();
    if (fd_.value() < 0) return lines.size();
    if (cut_short_) {
        if (put("\n") == 0) return 0;
        cut_short_ = false;
    }
    const auto done = put(lines);
    cut_short_ = done > 0 && lines[done - 1] != '\n';
    return done;
}

void output::take_next() {
    const std::lock_guard lock(mutex_);
    if (!next_) return;
    fd_ = std::move(*next_);
    next_.reset();
    may_block_ = !is_regular(fd_.value());
    cut_short_ = false;
}

std::size_t output::put(std::string_view bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
        if (may_block_ && !wait_for_reader()) break;
        const auto rest = bytes.size() - done;
        const auto n = ::write(fd_.value(), bytes.data() + done, may_block_ ? std::min(rest, never_blocks) : rest);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

bool output::wait_for_reader() const {
    pollfd one{fd_.value(), POLLOUT, 0};
    for (;;) {
        const int ready = ::poll(&one, 1, look_up_ms);
        // Whatever else is the matter with it, write() will say.
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
        if (steady_clock::now() > no_later_.load()) return false;
    }
}

}  // namespace postern::ops
