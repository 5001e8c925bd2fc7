// ClientHellos made to order, well-formed unless told otherwise.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace postern::tls {

using octets = std::vector<std::uint8_t>;

inline octets operator+(octets a, const octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline octets text(std::string_view s) { return {s.begin(), s.end()}; }

inline octets number(std::size_t value, std::size_t width) {
    octets made(width);
    for (std::size_t i = 0; i < width; ++i) made[width - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return made;
}

// A vector with its length before it in `width` bytes.
inline octets sized(const octets& body, std::size_t width) { return number(body.size(), width) + body; }

inline octets pairs(std::initializer_list<std::uint16_t> values) {
    octets made;
    for (const auto v : values) made = made + number(v, 2);
    return made;
}

inline octets extension(std::uint16_t type, const octets& body) { return number(type, 2) + sized(body, 2); }

inline octets server_name(std::string_view name) { return extension(0, sized(number(0, 1) + sized(text(name), 2), 2)); }

// A pre_shared_key with one identity, and a binder of 32 bytes.
inline octets pre_shared_key(const octets& identity) {
    return extension(41, sized(sized(identity, 2) + number(0, 4), 2) + sized(sized(octets(32), 1), 2));
}

struct hello_parts {
    std::uint8_t type = 1;
    std::uint16_t version = 0x0303;
    octets session_id = {};
    octets ciphers = pairs({0x1301, 0xc02b});
    octets compressions = {0};
    octets extensions = {};
    bool without_extensions = false;  // not even an empty block
};

inline octets message(const hello_parts& h) {
    octets body = number(h.version, 2) + octets(32, 0x5a) + sized(h.session_id, 1) + sized(h.ciphers, 2) +
                  sized(h.compressions, 1);
    if (!h.without_extensions) body = body + sized(h.extensions, 2);
    return number(h.type, 1) + sized(body, 3);
}

inline octets record(const octets& fragment) { return octets{22, 3, 1} + sized(fragment, 2); }

// The message cut into records of `size` bytes, the last one perhaps shorter.
inline octets records(const octets& message, std::size_t size) {
    octets made;
    for (std::size_t at = 0; at < message.size(); at += size) {
        const auto from = message.begin() + static_cast<std::ptrdiff_t>(at);
        made = made + record({from, from + static_cast<std::ptrdiff_t>(std::min(size, message.size() - at))});
    }
    return made;
}

inline octets with(const octets& extensions) { return record(message({.extensions = extensions})); }

}  // namespace postern::tls
