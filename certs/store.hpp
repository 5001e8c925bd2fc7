// From a server name to an index, by nginx's rules: the exact name, else the longest `*.x`, else the longest `x.*`.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::certs {

class store {
public:
    // `name` is lower case: "a.example.org", "*.example.org", ".example.org" (nginx: both of them) or "www.example.*".
    // The first of two equal names stays.
    void add(std::string_view name, std::size_t index);

    // `name` is lower case and has no trailing dot. Nothing when no name fits. No allocation.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

private:
    struct hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using table = std::unordered_map<std::string, std::size_t, hash, std::equal_to<>>;

    table exact_;
    table suffixes_;  // of "*.x": "x"
    table prefixes_;  // of "x.*": "x"
};

}  // namespace postern::certs
