// Names to addresses by c-ares, on a thread of its own, with the TTLs that getaddrinfo hides.
#pragma once

#include "proxy/upstream/group.hpp"

#include <functional>
#include <memory>
#include <string>

namespace postern::upstream {

class resolver {
public:
    // `nameservers`: "127.0.0.1:5353,..." instead of those of resolv.conf; for tests. Throws std::runtime_error when
    // c-ares or the thread cannot be had.
    explicit resolver(const std::string& nameservers = {});
    ~resolver();  // joins the thread; what is still unanswered is answered with an error
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    // From any thread. `done` is called once, on the resolver's thread. /etc/hosts counts.
    void resolve(const std::string& name, std::function<void(answer)> done);

private:
    class loop;
    std::unique_ptr<loop> loop_;
};

}  // namespace postern::upstream
