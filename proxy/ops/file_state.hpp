// What files held at one moment, so that a later look tells which of them hold something else. Whoever is asked (a file
// server) may let a look wait, so it is none of the main thread's or a worker's.
#pragma once

#include "proxy/ops/name_patterns.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern::ops {

struct file_state {
    // As long as this is the same, so is the content. Of the file behind all symlinks.
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed = 0;  // mtime, nanoseconds
    // It had been written just before it was looked at, so that a second write may have left the same time behind.
    bool young = false;

    int error = 0;  // errno of a file that cannot be read
    // SHA-256 of the bytes, of the names that count in a folder, or of the facts above when the file is larger than anybody
    // loads; of a pipe or a device none.
    std::array<unsigned char, 32> digest{};
    name_patterns names;  // which count, should it be a folder

    [[nodiscard]] bool same_content(const file_state& other) const {
        return error == other.error && digest == other.digest;
    }
    // Nothing can be made of it yet: it is missing or has no content.
    [[nodiscard]] bool is_unfinished() const { return error != 0 || size == 0; }
};

// By path.
using file_states = std::map<std::string, file_state, std::less<>>;

// Which names count in what may be a folder, by its path; of a file there are none.
using watched_paths = std::map<std::string, name_patterns, std::less<>>;

// The state of each path. Of what looks untouched since `before` the content is not read again.
[[nodiscard]] file_states look(const watched_paths& paths, const file_states& before = {});
// The same for the paths of `before`.
[[nodiscard]] file_states look_again(const file_states& before);

// Those whose content is another one, or which are in one of the two alone.
[[nodiscard]] std::vector<std::string> changed_files(const file_states& from, const file_states& to);

// "a.crt, b.crt, c.crt and 4 more"
[[nodiscard]] std::string list_of(const std::vector<std::string>& paths);

}  // namespace postern::ops
