// The protocols that a client has offered by ALPN, kept until its handshake is done, for the line that is written when it
// fails. Pure, and without memory beyond itself: a handshake that gets through must not pay for those that do not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace postern::tls {

class offered_protocols {
public:
    // `alpn` is client_hello::alpn. As many names stay as there is room for.
    void keep(std::span<const std::uint8_t> alpn);
    // They live as long as this. The last one is "..." where not all were kept.
    [[nodiscard]] std::vector<std::string_view> names() const;

private:
    static constexpr std::size_t room = 64;  // twice of what browsers offer

    std::array<std::uint8_t, room> list_{};
    std::uint8_t size_ = 0;
    bool cut_ = false;
};

}  // namespace postern::tls
