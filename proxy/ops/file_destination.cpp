#include "proxy/ops/file_destination.hpp"

#include "proxy/ops/labels.hpp"
#include "proxy/ops/lines.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::ops {
namespace {

using kind = config::log_target::kind;

// What a pipe that poll() calls writable takes without blocking: PIPE_BUF on Linux, pipe(7). Our standard descriptors
// are shared with other processes, so they cannot be made non-blocking.
constexpr std::size_t never_blocks = 4096;
constexpr int look_up_ms = 100;

bool is_regular(int fd) {
    struct stat facts {};
    return ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

int descriptor_of(const config::log_target& target) {
    if (target.type == kind::standard_output) return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (target.type == kind::standard_error) return ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    // O_NONBLOCK: a FIFO that nobody reads is an error at once instead of a wait for a reader.
    return ::open(target.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
}

// A file has no place for labels. They come here while a reload changes where lines go.
std::string bare(std::string_view lines) {
    std::string all;
    for (auto rest = lines; !rest.empty();) all += without_labels(take_line(rest));
    return all;
}

}  // namespace

std::unique_ptr<destination> file_destination::open(const config::log_target& target, const last_wait& patience) {
    net::unique_fd fd(descriptor_of(target));
    if (fd.value() < 0) return nullptr;
    return std::make_unique<file_destination>(std::move(fd), patience);
}

file_destination::file_destination(net::unique_fd fd, const last_wait& patience)
    : fd_(std::move(fd)), patience_(patience), may_block_(!is_regular(fd_.value())) {}

std::uint64_t file_destination::write(std::string_view lines, line_level level) {
    if (has_labels(lines)) return write(bare(lines), level);
    if (cut_short_) {
        if (put("\n") == 0) return count_lines(lines);
        cut_short_ = false;
    }
    const auto done = put(lines);
    cut_short_ = done > 0 && lines[done - 1] != '\n';
    return count_lines(lines.substr(done));
}

std::size_t file_destination::put(std::string_view bytes) const {
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

bool file_destination::wait_for_reader() const {
    pollfd one{fd_.value(), POLLOUT, 0};
    for (;;) {
        const int ready = ::poll(&one, 1, look_up_ms);
        // Whatever else is the matter with it, write() will say.
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
        if (std::chrono::steady_clock::now() > patience_.load()) return false;
    }
}

}  // namespace postern::ops
