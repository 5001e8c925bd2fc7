#include "proxy/ops/watch_points.hpp"

#include <deque>
#include <string_view>

namespace postern::ops {
namespace {

constexpr int most_links = 40;  // path_resolution(7)

// In front of what is still to be walked.
void put_parts(std::string_view path, std::deque<std::string>& before) {
    std::deque<std::string> parts;
    while (!path.empty()) {
        const auto part = path.substr(0, path.find('/'));
        if (!part.empty() && part != ".") parts.emplace_back(part);
        path.remove_prefix(part.size() < path.size() ? part.size() + 1 : part.size());
    }
    before.insert(before.begin(), parts.begin(), parts.end());
}

std::string name_of_folder(const std::string& path) { return path.empty() ? "/" : path; }

}  // namespace

std::string add_watch_points(const std::string& path, const link_reader& target_of, watch_points& to) {
    std::deque<std::string> left;
    put_parts(path, left);
    std::string here;  // empty: the root
    for (int links = 0; !left.empty();) {
        const std::string name = std::move(left.front());
        left.pop_front();
        if (name == "..") {
            if (!here.empty()) here.erase(here.rfind('/'));
            continue;
        }
        auto& folder = to[name_of_folder(here)];
        folder.names.insert(name);
        const std::string entry = here + "/" + name;
        const auto target = links < most_links ? target_of(entry) : std::nullopt;
        if (target) {
            ++links;
            if (target->starts_with('/')) here.clear();
            put_parts(*target, left);
            continue;
        }
        if (left.empty()) folder.content = true;
        here = entry;
    }
    return name_of_folder(here);
}

}  // namespace postern::ops
