#include "proxy/cli/private_folder.hpp"

#include "proxy/net/socket.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

namespace postern::cli {
namespace {

constexpr std::string_view form = "/postern-XXXXXX";
constexpr std::size_t longest_name = 32;  // of a socket in the folder

std::string base() {
    const char* asked = std::getenv("TMPDIR");
    const std::string folder = asked == nullptr || *asked == '\0' ? "/tmp" : asked;
    const bool room_for_sockets = folder.size() + form.size() + longest_name < sizeof(sockaddr_un::sun_path);
    return room_for_sockets && folder.front() == '/' ? folder : "/tmp";
}

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

private_folder::private_folder() {
    std::string name = base() + std::string(form);
    // Mode 0700 is mkdtemp's.
    if (::mkdtemp(name.data()) == nullptr) fail("a temporary folder " + name);
    path_ = name;
}

private_folder::~private_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path private_folder::write(std::string_view name, std::string_view text) const {
    auto file = path_ / name;
    const net::unique_fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.value() < 0) fail(file.string());
    while (!text.empty()) {
        const auto written = ::write(fd.value(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(file.string());
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return file;
}

}  // namespace postern::cli
