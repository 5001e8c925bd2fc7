#include "proxy/upstream/address.hpp"

#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace postern::upstream {
namespace {

socklen_t size_of(const sockaddr& any) {
    switch (any.sa_family) {
        case AF_INET: return sizeof(sockaddr_in);
        case AF_INET6: return sizeof(sockaddr_in6);
        default: return sizeof(sockaddr_un);
    }
}

template <class T>
const T& as(const sockaddr_storage& storage) {
    return reinterpret_cast<const T&>(storage);
}

}  // namespace

address::address(const sockaddr& any) : size_(size_of(any)) { std::memcpy(&storage_, &any, size_); }

std::uint16_t address::port() const {
    if (family() == AF_INET) return ntohs(as<sockaddr_in>(storage_).sin_port);
    if (family() == AF_INET6) return ntohs(as<sockaddr_in6>(storage_).sin6_port);
    return 0;
}

std::string address::host() const {
    char text[INET6_ADDRSTRLEN] = "";
    if (family() == AF_INET) return ::inet_ntop(AF_INET, &as<sockaddr_in>(storage_).sin_addr, text, sizeof text);
    if (family() == AF_INET6) return ::inet_ntop(AF_INET6, &as<sockaddr_in6>(storage_).sin6_addr, text, sizeof text);
    if (family() == AF_UNIX) return as<sockaddr_un>(storage_).sun_path;
    return {};
}

std::string address::text() const {
    if (family() == AF_INET) return host() + ":" + std::to_string(port());
    if (family() == AF_INET6) return "[" + host() + "]:" + std::to_string(port());
    return "unix:" + host();
}

address address::with_port(std::uint16_t port) const {
    address copy = *this;
    if (family() == AF_INET) reinterpret_cast<sockaddr_in&>(copy.storage_).sin_port = htons(port);
    if (family() == AF_INET6) reinterpret_cast<sockaddr_in6&>(copy.storage_).sin6_port = htons(port);
    return copy;
}

bool address::operator==(const address& other) const {
    return size_ == other.size_ && std::memcmp(&storage_, &other.storage_, size_) == 0;
}

std::optional<address> to_address(const config::endpoint& e) {
    address made;
    if (e.type == config::endpoint::kind::unix_socket) {
        auto& to = reinterpret_cast<sockaddr_un&>(made.storage_);
        if (e.path.size() >= sizeof to.sun_path) return std::nullopt;
        to.sun_family = AF_UNIX;
        std::memcpy(to.sun_path, e.path.c_str(), e.path.size() + 1);
        made.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + e.path.size() + 1);
        return made;
    }
    auto& v4 = reinterpret_cast<sockaddr_in&>(made.storage_);
    const std::string host = e.host.empty() ? "0.0.0.0" : e.host;
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(e.port);
        made.size_ = sizeof v4;
        return made;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(made.storage_);
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return std::nullopt;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(e.port);
    made.size_ = sizeof v6;
    return made;
}

}  // namespace postern::upstream
