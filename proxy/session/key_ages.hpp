// How long ticket keys have been sealing, as far as this process knows: files do not tell. Pure.
#pragma once

#include "proxy/session/snapshot.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>

namespace postern::session {

class key_ages {
public:
    using time_point = std::chrono::steady_clock::time_point;

    // To be told of the keys of now whenever they may have changed; those that seal no more are forgotten.
    void look_at(const ticket_key_sets& sets, time_point now);
    // Of the key that has been sealing for longest; nothing when none does.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> oldest(time_point now) const;

private:
    using key_name = std::array<std::uint8_t, certs::ticket_key::name_size>;
    std::map<key_name, time_point> since_;
};

}  // namespace postern::session
