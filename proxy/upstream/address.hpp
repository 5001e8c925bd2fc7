// A socket address as a value: IPv4, IPv6 or a unix path.
#pragma once

#include "config/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

namespace postern::upstream {

class address {
public:
    address() = default;  // no address: family AF_UNSPEC, no text
    // `any` must be as large as its family says (a sockaddr_un in full); another family than the three gives no address.
    explicit address(const sockaddr& any);

    [[nodiscard]] const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    [[nodiscard]] socklen_t size() const { return size_; }
    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] std::uint16_t port() const;  // 0 for a unix path
    [[nodiscard]] std::string host() const;    // "127.0.0.1", "::1", "/run/app.sock"
    [[nodiscard]] std::string text() const;    // "127.0.0.1:80", "[::1]:80", "unix:/run/app.sock"
    [[nodiscard]] address with_port(std::uint16_t port) const;

    bool operator==(const address& other) const;

private:
    friend std::optional<address> to_address(const config::endpoint& e);
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

// Nothing when the endpoint's host is a name, or its path too long for the kernel.
[[nodiscard]] std::optional<address> to_address(const config::endpoint& e);

}  // namespace postern::upstream
