// A DNS server of a few names on 127.0.0.1, on a thread of its own, for the time of a test.
#pragma once

#include "proxy/net/socket.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace postern::upstream {

struct zone_entry {
    std::vector<std::string> ipv4 = {};
    std::vector<std::string> ipv6 = {};
    std::uint32_t ttl = 10;  // seconds
    std::string alias = {};  // the addresses are those of this name, by a CNAME
    std::uint32_t alias_ttl = 10;
    bool silent = false;  // no answer at all
};

using zone = std::map<std::string, zone_entry>;

// Names that are not in the zone do not exist.
class dns_server {
public:
    explicit dns_server(zone names);
    ~dns_server();

    // "127.0.0.1:PORT", as the resolver wants it.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] int questions() const { return questions_; }

private:
    void run();
    [[nodiscard]] std::string answer_to(const std::string& question) const;

    zone names_;
    net::unique_fd socket_;
    std::atomic<int> questions_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace postern::upstream
