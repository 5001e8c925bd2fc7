#include "tests/proxy/ops/support.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/time.h>

namespace postern::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

temporary_folder::temporary_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "postern-ops-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

time_zone::time_zone(const std::string& name) {
    if (const auto* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
}

time_zone::~time_zone() {
    before_ ? ::setenv("TZ", before_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
}

std::string contents(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(const std::string& path) {
    std::istringstream text(contents(path));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 1000; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

running_loop::running_loop() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}

running_loop::~running_loop() {
    context_.stop();
    thread_.join();
}

void running_loop::run(const std::function<void()>& what) {
    std::promise<void> done;
    net::asio::post(context_, [&] {
        what();
        done.set_value();
    });
    done.get_future().wait();
}

sockaddr_un unix_address(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

net::unique_fd connect_to(const sockaddr* address, socklen_t size) {
    net::unique_fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{10, 0};
    ::setsockopt(fd.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd.value(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(fd.value(), address, size) != 0) return {};
    return fd;
}

net::unique_fd connect_to_port(std::uint16_t port) {
    const auto address = loopback(port);
    return connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

net::unique_fd connect_to_path(const std::string& path) {
    const auto address = unix_address(path);
    return connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

std::uint16_t free_port() {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    const net::unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(fd.value(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return 0;
    ::getsockname(fd.value(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void send_all(const net::unique_fd& to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(to.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string receive_all(const net::unique_fd& from) { return receive(from, static_cast<std::size_t>(-1)); }

std::string receive(const net::unique_fd& from, std::size_t size) {
    std::string all;
    char buffer[4096];
    while (all.size() < size) {
        const auto n = ::recv(from.value(), buffer, std::min(sizeof buffer, size - all.size()), 0);
        if (n <= 0) break;
        all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
}

}  // namespace postern::test
