// The admin listener: HTTP for probes and operators, on the main thread's loop, so that it answers when workers are
// busy. At most 64 connections, 8 KiB of request head, 10 s for each request and its answer.
#pragma once

#include "config/endpoint.hpp"
#include "proxy/net/net.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace postern::ops {

struct page {
    unsigned status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
};

class admin {
public:
    using pages = std::map<std::string, std::function<page()>, std::less<>>;

    // Listens and answers GET and HEAD of `what` (path -> page, made on the loop's thread for each request); 404 for
    // other paths, 405 for other methods, and on loopback 421 for names that a stranger can own. Throws
    // boost::system::system_error, whose text names the address, when it cannot listen. A unix socket (0660) left behind
    // by another process is replaced; ours is removed at the end.
    admin(net::asio::io_context& context, const config::endpoint& where, pages what);
    ~admin();
    admin(const admin&) = delete;
    admin& operator=(const admin&) = delete;

private:
    class server;
    std::shared_ptr<server> server_;
};

}  // namespace postern::ops
