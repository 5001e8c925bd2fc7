// Where it shows that what a path leads to has changed: in every folder on its way, also behind symlinks, there is one
// name that counts. So a link that is turned (Kubernetes' ..data, certbot's live/), a file that is renamed over another
// one and a folder that is put in place of another one are all seen. No system calls here.
#pragma once

#include "proxy/ops/name_patterns.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace postern::ops {

struct watched_folder {
    std::set<std::string> names;  // the entries that count
    name_patterns patterns = {};  // ... and those whose names match one of these
    bool content = false;         // what is written into them counts too, not only which entries there are

    bool operator==(const watched_folder&) const = default;
};

// By the folder's path, which has no symlink in it as far as it exists.
using watch_points = std::map<std::string, watched_folder>;

// Where the symlink `path` points, as readlink(2) gives it; nothing when it is none or does not exist.
using link_reader = std::function<std::optional<std::string>(const std::string& path)>;

// Adds what `path`, absolute, depends on. Returns where it leads, with all symlinks resolved. Of links in a circle so
// many are followed as Linux follows (40).
std::string add_watch_points(const std::string& path, const link_reader& target_of, watch_points& to);

}  // namespace postern::ops
