// An address to listen on or to connect to, as a value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace postern::config {

// tcp: host is an IPv4 literal, an IPv6 literal without brackets, a name, or empty (IPv4 any, as nginx's `listen 443`).
// unix: path only. Relative paths have been resolved against the folder of the file that names them.
struct endpoint {
    enum class kind { tcp, unix_socket };
    kind type = kind::tcp;
    std::string host;
    std::uint16_t port = 0;
    std::string path;

    auto operator<=>(const endpoint&) const = default;
};

// As an operator writes it: "127.0.0.1:80", "[::1]:80", "0.0.0.0:443", "unix:/run/app.sock".
[[nodiscard]] std::string to_string(const endpoint& e);

}  // namespace postern::config
