#include "config/change.hpp"

#include "config/fields.hpp"

namespace postern::config {
namespace {

template <class Struct>
void compare(const Struct& from, const Struct& to, const std::string& path, std::vector<std::string>& keys) {
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(from.*(f.member))>;
        const std::string key = path.empty() ? std::string(f.key) : path + "." + std::string(f.key);
        if constexpr (has_fields<member>)
            compare(from.*(f.member), to.*(f.member), key, keys);
        else if (f.about.when == applies::restart && from.*(f.member) != to.*(f.member))
            keys.push_back(key);
    });
}

}  // namespace

std::vector<std::string> needs_restart(const settings& from, const settings& to) {
    std::vector<std::string> keys;
    compare(from, to, "", keys);
    return keys;
}

}  // namespace postern::config
