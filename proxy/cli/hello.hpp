// The demo's backend: answers every HTTP/1.1 request with a page that says how it arrived. A thread of its own, a unix
// socket, no Asio: it must be to postern what any foreign service is.
#pragma once

#include "proxy/net/socket.hpp"

#include <string>
#include <string_view>
#include <thread>

namespace postern::cli {

// The answer to a request's head (with its empty line). One request a connection: the answer says Connection: close.
[[nodiscard]] std::string hello_answer(std::string_view head);

class hello_backend {
public:
    // Accepts on this path when it returns. Throws std::system_error.
    explicit hello_backend(const std::string& socket_path);
    ~hello_backend();
    hello_backend(const hello_backend&) = delete;
    hello_backend& operator=(const hello_backend&) = delete;

private:
    net::unique_fd listener_;
    net::unique_fd end_;  // an eventfd, readable when the thread is to return
    std::thread thread_;
};

}  // namespace postern::cli
