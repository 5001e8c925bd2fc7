#include "config/include.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <glob.h>

namespace postern::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 10'000;

class expander {
public:
    explicit expander(problems& found) : found_(found) {}

    // `trail`: the files that led here, so that a circle is seen.
    void expand(node& map, std::vector<std::string> trail) {
        const auto at =
            std::find_if(map.entries.begin(), map.entries.end(), [](const auto& e) { return e.key == "include"; });
        if (at == map.entries.end()) return;
        const node patterns = at->value;
        map.entries.erase(at);
        const bool list = patterns.type == node::kind::sequence;
        for (std::size_t i = 0; i < (list ? patterns.items.size() : 1); ++i)
            include(map, list ? patterns.items[i] : patterns, trail);
    }

private:
    void refuse(const place& where, std::string what, std::string value) {
        problem p;
        p.where = where;
        p.key = "include";
        p.what = std::move(what);
        p.found = std::move(value);
        found_.push_back(std::move(p));
    }

    void include(node& map, const node& pattern, const std::vector<std::string>& trail) {
        if (pattern.type != node::kind::scalar || pattern.text.empty())
            return refuse(pattern.where, "a path or a pattern belongs here", "");
        const auto folder = fs::path(pattern.where.file).parent_path();
        const auto files = matches((folder / pattern.text).string());
        const bool wild = pattern.text.find_first_of("*?[") != std::string::npos;
        if (files.empty() && !wild) return refuse(pattern.where, "no such file", pattern.text);
        for (const auto& file : files) include_file(map, pattern, file, trail);
    }

    void include_file(node& map, const node& pattern, const std::string& file, std::vector<std::string> trail) {
        if (std::find(trail.begin(), trail.end(), file) != trail.end())
            return refuse(pattern.where, "a file that includes itself", file);
        if (++files_ > most_files) return refuse(pattern.where, "more than 10000 included files", file);
        std::string error;
        const auto text = read_text(file, error);
        if (!error.empty()) return refuse(pattern.where, error, file);
        node included = read_tree(text, file, found_);
        trail.push_back(file);
        expand(included, trail);
        for (auto& e : included.entries) merge(map, std::move(e));
    }

    void merge(node& map, node::entry&& e) {
        const auto same =
            std::find_if(map.entries.begin(), map.entries.end(), [&](const auto& own) { return own.key == e.key; });
        if (same == map.entries.end()) {
            map.entries.push_back(std::move(e));
        } else if (e.key == "servers" && same->value.type == node::kind::sequence &&
                   e.value.type == node::kind::sequence) {
            for (auto& item : e.value.items) same->value.items.push_back(std::move(item));
        } else if (e.key == "upstreams" && same->value.type == node::kind::map && e.value.type == node::kind::map) {
            for (auto& group : e.value.entries) merge(same->value, std::move(group));
        } else {
            problem p;
            p.where = e.where;
            p.key = e.key;
            p.what =
                "the key stands twice; the first is in " + same->where.file + ":" + std::to_string(same->where.line);
            found_.push_back(std::move(p));
        }
    }

    static std::vector<std::string> matches(const std::string& pattern) {
        std::vector<std::string> files;
        ::glob_t all{};
        if (::glob(pattern.c_str(), 0, nullptr, &all) == 0)
            for (std::size_t i = 0; i < all.gl_pathc; ++i) files.emplace_back(all.gl_pathv[i]);
        ::globfree(&all);
        return files;
    }

    problems& found_;
    std::size_t files_ = 0;
};

}  // namespace

std::string read_text(const std::string& file, std::string& error) {
    std::error_code trouble;
    const auto status = fs::status(file, trouble);
    if (fs::is_directory(status)) {
        error = std::strerror(EISDIR);
        return {};
    }
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        error = errno != 0 ? std::strerror(errno) : "cannot be opened";
        return {};
    }
    constexpr std::size_t largest = 8 * 1024 * 1024;
    std::string text;
    std::istreambuf_iterator<char> from(in);
    for (const std::istreambuf_iterator<char> end; from != end && text.size() <= largest; ++from) text.push_back(*from);
    return text;
}

void expand_includes(node& root, problems& found) {
    expander all(found);
    all.expand(root, {root.where.file});
    for (auto& e : root.entries)
        if (e.key == "servers" && e.value.type == node::kind::sequence)
            for (auto& server : e.value.items)
                if (server.type == node::kind::map) all.expand(server, {server.where.file});
}

}  // namespace postern::config
