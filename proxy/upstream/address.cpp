#include "proxy/upstream/address.hpp"

#include <cstddef>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace postern::upstream {
namespace {

socklen_t size_of(std::size_t path) { return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path + 1); }

template <class T>
const T& as(const sockaddr_storage& storage) {
    return reinterpret_cast<const T&>(storage);
}

// A path that fills sun_path has no room for the zero behind it.
std::string_view path_of(const sockaddr_un& any) {
    return {any.sun_path, ::strnlen(any.sun_path, sizeof any.sun_path)};
}

}  // namespace

// Field by field: what else is in there (padding, a flow label) must not make equal addresses differ.
address::address(const sockaddr& any) {
    if (any.sa_family == AF_INET) {
        const auto& from = reinterpret_cast<const sockaddr_in&>(any);
        auto& to = reinterpret_cast<sockaddr_in&>(storage_);
        to.sin_family = AF_INET;
        to.sin_port = from.sin_port;
        to.sin_addr = from.sin_addr;
        size_ = sizeof to;
    } else if (any.sa_family == AF_INET6) {
        const auto& from = reinterpret_cast<const sockaddr_in6&>(any);
        auto& to = reinterpret_cast<sockaddr_in6&>(storage_);
        to.sin6_family = AF_INET6;
        to.sin6_port = from.sin6_port;
        to.sin6_addr = from.sin6_addr;
        to.sin6_scope_id = from.sin6_scope_id;
        size_ = sizeof to;
    } else if (any.sa_family == AF_UNIX) {
        const auto path = path_of(reinterpret_cast<const sockaddr_un&>(any));
        auto& to = reinterpret_cast<sockaddr_un&>(storage_);
        to.sun_family = AF_UNIX;
        std::memcpy(to.sun_path, path.data(), path.size());
        size_ = size_of(path.size());
    }
}

std::uint16_t address::port() const {
    if (family() == AF_INET) return ntohs(as<sockaddr_in>(storage_).sin_port);
    if (family() == AF_INET6) return ntohs(as<sockaddr_in6>(storage_).sin6_port);
    return 0;
}

std::string address::host() const {
    char text[INET6_ADDRSTRLEN] = "";
    if (family() == AF_INET) return ::inet_ntop(AF_INET, &as<sockaddr_in>(storage_).sin_addr, text, sizeof text);
    if (family() == AF_INET6) return ::inet_ntop(AF_INET6, &as<sockaddr_in6>(storage_).sin6_addr, text, sizeof text);
    if (family() == AF_UNIX) return std::string(path_of(as<sockaddr_un>(storage_)));
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
        made.size_ = size_of(e.path.size());
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
