#include "certs/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::certs {
namespace {

file_text failed(int error) { return {{}, std::strerror(error), false}; }

struct descriptor {
    int fd;
    ~descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

ssize_t read_some(int fd, std::uint8_t* into, std::size_t size) {
    ssize_t got = 0;
    do got = ::read(fd, into, size);
    while (got < 0 && errno == EINTR);
    return got;
}

}  // namespace

file_text read_file(const std::string& path) {
    const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts {};
    if (file.fd < 0 || ::fstat(file.fd, &facts) != 0) return failed(errno);
    if (S_ISDIR(facts.st_mode)) return failed(EISDIR);
    // Room for everything and one byte, so that a vector that grows leaves no copy of a key behind.
    const auto expected = static_cast<std::size_t>(std::max<off_t>(facts.st_size, 0));
    if (expected > largest_file) return failed(EFBIG);
    std::vector<std::uint8_t> bytes(S_ISREG(facts.st_mode) ? expected + 1 : 64 * 1024);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = read_some(file.fd, bytes.data() + filled, bytes.size() - filled);
        if (got < 0) return failed(errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled == bytes.size()) return failed(EFBIG);
    bytes.resize(filled);
    return {secret(std::move(bytes)), {}, (facts.st_mode & S_IROTH) != 0};
}

}  // namespace postern::certs
