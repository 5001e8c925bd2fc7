// What the tests of this room need around them: a folder, a time zone, a running loop, a blocking client.
#pragma once

#include "proxy/net/net.hpp"
#include "proxy/net/socket.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/un.h>

namespace postern::test {

// Removed, with what is in it, at the end.
class temporary_folder {
public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    std::string path_;
};

// The process's, until the end; `name` as in TZ.
class time_zone {
public:
    explicit time_zone(const std::string& name);
    ~time_zone();
    time_zone(const time_zone&) = delete;
    time_zone& operator=(const time_zone&) = delete;

private:
    std::optional<std::string> before_;
};

[[nodiscard]] std::string contents(const std::string& path);
[[nodiscard]] std::vector<std::string> lines_of(const std::string& path);

// Whether `holds` becomes true within ten seconds.
[[nodiscard]] bool until(const std::function<bool()>& holds);

// An io_context that another thread runs.
class running_loop {
public:
    running_loop();
    ~running_loop();
    running_loop(const running_loop&) = delete;
    running_loop& operator=(const running_loop&) = delete;
    net::asio::io_context& context() { return context_; }
    // Runs `what` on the loop's thread, and waits for it.
    void run(const std::function<void()>& what);

private:
    net::asio::io_context context_{1};
    net::asio::executor_work_guard<net::executor> work_;
    std::thread thread_;
};

[[nodiscard]] sockaddr_un unix_address(std::string_view path);

// A connected blocking socket whose operations give up after ten seconds; no descriptor when it could not connect.
[[nodiscard]] net::unique_fd connect_to(const sockaddr* address, socklen_t size);
[[nodiscard]] net::unique_fd connect_to_port(std::uint16_t port);
[[nodiscard]] net::unique_fd connect_to_path(const std::string& path);

// A port of 127.0.0.1 that nobody listens on.
[[nodiscard]] std::uint16_t free_port();

void send_all(const net::unique_fd& to, std::string_view bytes);
// What comes until the other side closes, resets or is silent for too long.
[[nodiscard]] std::string receive_all(const net::unique_fd& from);
// What comes until `size` bytes are there, or the end.
[[nodiscard]] std::string receive(const net::unique_fd& from, std::size_t size);

}  // namespace postern::test
