// Names to addresses by c-ares, on a thread of its own, with the TTLs that getaddrinfo hides.
#pragma once

#include "proxy/upstream/group.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace postern::upstream {

struct resolver_options {
    std::string nameservers = {};  // "127.0.0.1:5353,[::1]:5353"; empty: those of resolv.conf, as it was at the start
    // For the first answer of a server; the next try has twice as long.
    std::chrono::milliseconds timeout{2000};
    int tries = 2;
};

class resolver {
public:
    // Throws std::runtime_error or std::system_error when c-ares or the thread cannot be had.
    explicit resolver(const resolver_options& options = {});
    ~resolver();  // joins the thread; what is still unanswered is answered with an error
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    // From any thread. `done` is called once, on the resolver's thread, and must not throw. /etc/hosts counts. IPv4 and
    // IPv6 addresses come in the order of RFC 6724; the TTL is the shortest among them and the aliases before them.
    void resolve(std::string name, std::function<void(answer)> done);

private:
    class loop;
    std::unique_ptr<loop> loop_;
};

}  // namespace postern::upstream
