#include "certs/kept_staples.hpp"

#include "certs/file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::certs {
namespace {

// Whether all of it is there; errno tells why not.
bool write_all(int fd, const der& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t now = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (now < 0 && errno != EINTR) return false;
        if (now > 0) done += static_cast<std::size_t>(now);
    }
    return true;
}

}  // namespace

std::string kept_path(const std::string& folder, const std::string& fingerprint) {
    return folder + "/" + fingerprint + ".ocsp";
}

kept_response read_kept(const std::string& folder, const std::string& fingerprint) {
    const auto path = kept_path(folder, fingerprint);
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return {};
    const auto file = read_file(path);
    const auto bytes = file.content.bytes();
    return {{bytes.begin(), bytes.end()}, file.error};
}

// No fsync: what a power cut leaves half written is refused when it is read, and fetched anew.
std::string keep(const std::string& folder, const std::string& fingerprint, const der& response) {
    const auto path = kept_path(folder, fingerprint);
    // Unlike any other process's, should two of them keep the same certificate's.
    std::string unfinished = path + ".XXXXXX";
    const int fd = ::mkostemp(unfinished.data(), O_CLOEXEC);
    if (fd < 0) return std::strerror(errno);
    bool done = write_all(fd, response) && ::fchmod(fd, 0644) == 0;
    int why = errno;
    if (::close(fd) != 0 && done) {
        done = false;
        why = errno;
    }
    if (done && ::rename(unfinished.c_str(), path.c_str()) != 0) {
        done = false;
        why = errno;
    }
    if (done) return {};
    ::unlink(unfinished.c_str());
    return std::strerror(why);
}

void forget_kept(const std::string& folder, const std::string& fingerprint) {
    ::unlink(kept_path(folder, fingerprint).c_str());
}

}  // namespace postern::certs
