// A YAML text as a tree that knows where everything stands. Without yaml-cpp's types; the traps of YAML (duplicate keys,
// aliases, tags, nulls, second documents) have been found here and nothing above has to think of them.
#pragma once

#include "config/problem.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// Larger texts are refused before YAML sees them.
inline constexpr std::size_t largest_text = 8 * 1024 * 1024;

struct node {
    enum class kind { scalar, sequence, map };
    struct entry;

    kind type = kind::scalar;
    place where;
    std::string text;            // of a scalar
    std::vector<node> items;     // of a sequence
    std::vector<entry> entries;  // of a map, keys in the order of the text, none twice
};

struct node::entry {
    std::string key;
    place where;  // of the key
    node value;
};

// The text's root map (empty when the text is). What is wrong is appended to `found`; what could be read is returned all
// the same, so that one look finds as many problems as possible.
[[nodiscard]] node read_tree(std::string_view text, const std::string& file, problems& found);

}  // namespace postern::config
