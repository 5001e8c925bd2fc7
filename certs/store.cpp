#include "certs/store.hpp"

namespace postern::certs {

void store::add(std::string_view name, std::size_t index) {
    if (name.starts_with("*.")) {
        suffixes_.emplace(name.substr(2), index);
    } else if (name.starts_with(".")) {
        exact_.emplace(name.substr(1), index);
        suffixes_.emplace(name.substr(1), index);
    } else if (name.ends_with(".*")) {
        prefixes_.emplace(name.substr(0, name.size() - 2), index);
    } else {
        exact_.emplace(name, index);
    }
}

std::optional<std::size_t> store::find(std::string_view name) const {
    if (const auto found = exact_.find(name); found != exact_.end()) return found->second;
    // From the left, so that the longest suffix comes first.
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
        if (const auto found = suffixes_.find(name.substr(dot + 1)); found != suffixes_.end()) return found->second;
    for (auto dot = name.rfind('.'); dot != std::string_view::npos && dot > 0; dot = name.rfind('.', dot - 1))
        if (const auto found = prefixes_.find(name.substr(0, dot)); found != prefixes_.end()) return found->second;
    return std::nullopt;
}

}  // namespace postern::certs
