// Small helpers for the settings that are lists of words, and for problems about them.
#pragma once

#include "config/folded.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace postern::certs {

// The non-empty parts of `list` between any of `separators`.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view list, std::string_view separators) {
    std::vector<std::string_view> words;
    while (!list.empty()) {
        const auto end = std::min(list.find_first_of(separators), list.size());
        if (end > 0) words.push_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
}

template <class Words>
[[nodiscard]] std::string join(const Words& words, std::string_view between) {
    std::string all;
    for (const auto& word : words) {
        if (!all.empty()) all += between;
        all += word;
    }
    return all;
}

using config::folded;

[[nodiscard]] inline bool serves(const config::ssl& settings, config::protocol p) {
    return std::find(settings.protocols.begin(), settings.protocols.end(), p) != settings.protocols.end();
}

inline void add(config::problems& found, config::severity level, std::string key, std::string what,
                std::string_view value, std::string allowed) {
    config::problem p;
    p.level = level;
    p.key = std::move(key);
    p.what = std::move(what);
    p.found = value;
    p.allowed = std::move(allowed);
    found.push_back(std::move(p));
}

// Keys are relative to the ssl block.
inline void refuse(config::problems& found, std::string key, std::string what, std::string_view value = {},
                   std::string allowed = {}) {
    add(found, config::severity::error, std::move(key), std::move(what), value, std::move(allowed));
}

inline void warn(config::problems& found, std::string key, std::string what, std::string_view value = {}) {
    add(found, config::severity::warning, std::move(key), std::move(what), value, {});
}

}  // namespace postern::certs
