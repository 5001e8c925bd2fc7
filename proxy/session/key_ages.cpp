#include "proxy/session/key_ages.hpp"

#include <algorithm>

namespace postern::session {

void key_ages::look_at(const ticket_key_sets& sets, time_point now) {
    const auto before = std::exchange(since_, {});
    for (const auto& set : sets) {
        if (!set) continue;
        key_name name{};
        std::ranges::copy(set->sealing().name(), name.begin());
        const auto known = before.find(name);
        since_[name] = known != before.end() ? known->second : now;
    }
}

std::optional<std::chrono::nanoseconds> key_ages::oldest(time_point now) const {
    std::optional<std::chrono::nanoseconds> age;
    for (const auto& [name, since] : since_) age = std::max(age.value_or(now - since), now - since);
    return age;
}

}  // namespace postern::session
