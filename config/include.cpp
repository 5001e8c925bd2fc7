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
constexpr std::size_t deepest = 16;  // files that include each other, one inside the other

// A folder's own name is no pattern.
std::string escaped(const std::string& folder) {
    std::string text;
    for (const char c : folder) {
        if (std::strchr("*?[\\", c) != nullptr) text += '\\';
        text += c;
    }
    return text;
}

std::string unescaped(const std::string& pattern) {
    std::string text;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        text += pattern[i];
    }
    return text;
}

// In the order of their names, byte by byte: the same in every locale. On failure `error` says why.
std::vector<std::string> matches(const std::string& pattern, std::string& error) {
    // A folder that is not there has no files; one that may not be read is a fault that must be told.
    const auto on_trouble = [](const char*, int code) { return code == ENOENT || code == ENOTDIR ? 0 : 1; };
    std::vector<std::string> files;
    ::glob_t all{};
    errno = 0;
    const int code = ::glob(pattern.c_str(), GLOB_NOSORT, on_trouble, &all);
    if (code == GLOB_ABORTED) error = std::strerror(errno != 0 ? errno : EIO);
    if (code == GLOB_NOSPACE) error = std::strerror(ENOMEM);
    for (std::size_t i = 0; code == 0 && i < all.gl_pathc; ++i) files.emplace_back(all.gl_pathv[i]);
    ::globfree(&all);
    std::sort(files.begin(), files.end());
    return files;
}

// One server alone may stand where a list of them may.
void make_list(node& n) {
    if (n.type == node::kind::sequence) return;
    node list;
    list.type = node::kind::sequence;
    list.where = n.where;
    list.items.push_back(std::move(n));
    n = std::move(list);
}

class expander {
public:
    explicit expander(document& doc) : doc_(doc) {}

    // `path`: the key of `map`. `trail`: the files that led here, so that a circle is seen.
    void expand(node& map, const std::string& path, const std::vector<std::string>& trail) {
        const auto at =
            std::find_if(map.entries.begin(), map.entries.end(), [](const auto& e) { return e.key == "include"; });
        if (at == map.entries.end()) return;
        const node patterns = at->value;
        map.entries.erase(at);
        const bool list = patterns.type == node::kind::sequence;
        for (std::size_t i = 0; i < (list ? patterns.items.size() : 1); ++i)
            include(map, path, list ? patterns.items[i] : patterns, trail);
    }

private:
    static std::string key_in(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    void refuse(const place& where, std::string key, std::string what, std::string value, std::string file = {}) {
        problem p;
        p.where = where;
        p.key = std::move(key);
        p.what = std::move(what);
        p.found = std::move(value);
        p.file = std::move(file);
        doc_.problems.push_back(std::move(p));
    }

    void include(node& map, const std::string& path, const node& pattern, const std::vector<std::string>& trail) {
        const std::string key = key_in(path, "include");
        if (pattern.type != node::kind::scalar || pattern.text.empty())
            return refuse(pattern.where, key, "a path or a pattern belongs here", "");
        const auto folder = fs::path(pattern.where.file).parent_path().string();
        const bool relative = !pattern.text.starts_with('/') && !folder.empty();
        const std::string whole = relative ? escaped(folder) + "/" + pattern.text : pattern.text;
        std::string error;
        const auto files = matches(whole, error);
        const bool wild = pattern.text.find_first_of("*?[") != std::string::npos;
        const auto of = wild ? note_folders(whole) : unescaped(whole);
        if (!wild && files.empty()) doc_.files.push_back(of);
        doc_.files.insert(doc_.files.end(), files.begin(), files.end());
        if (error.empty() && files.empty() && !wild) error = "no such file";
        if (!error.empty()) return refuse(pattern.where, key, error, pattern.text, of);
        for (const auto& file : files) include_file(map, path, pattern, file, trail);
    }

    // Where a new name may make a new match: the folders before the first part that is a pattern and before each later one.
    // Returns the first of them.
    std::string note_folders(const std::string& pattern) {
        const auto known = doc_.folders.size();
        bool wild = false;
        for (std::size_t start = 0; start != std::string::npos;) {
            const auto slash = pattern.find('/', start);
            const auto part = pattern.substr(start, slash - start);
            wild = wild || part.find_first_of("*?[") != std::string::npos;
            if (wild && !part.empty()) note_folder(pattern.substr(0, start), part);
            start = slash == std::string::npos ? slash : slash + 1;
        }
        return doc_.folders[known].path;
    }

    void note_folder(std::string pattern, const std::string& names) {
        if (pattern.empty()) pattern = ".";
        if (pattern.size() > 1 && pattern.back() == '/') pattern.pop_back();
        std::string ignored;
        auto folders = matches(pattern, ignored);
        if (folders.empty()) folders.push_back(unescaped(pattern));
        for (auto& folder : folders) doc_.folders.push_back({std::move(folder), names});
    }

    void include_file(node& map, const std::string& path, const node& pattern, const std::string& file,
                      std::vector<std::string> trail) {
        const std::string key = key_in(path, "include");
        std::error_code trouble;
        const auto real = fs::weakly_canonical(file, trouble).string();
        if (std::find(trail.begin(), trail.end(), real) != trail.end())
            return refuse(pattern.where, key, "a file that includes itself", file);
        if (trail.size() > deepest) return refuse(pattern.where, key, "includes more than 16 files deep", file);
        if (++files_ > most_files) return refuse(pattern.where, key, "more than 10000 included files", file);
        // A pipe or a terminal that matches a pattern would be waited for.
        if (fs::exists(file, trouble) && !fs::is_regular_file(file, trouble))
            return refuse(pattern.where, key, "not a file", file);
        std::string error;
        const auto text = read_text(file, error);
        if (!error.empty()) return refuse(pattern.where, key, error, file, file);
        node included = read_tree(text, file, doc_.problems);
        trail.push_back(real);
        expand(included, path, trail);
        for (auto& e : included.entries) merge(map, path, std::move(e));
    }

    void merge(node& map, const std::string& path, node::entry&& e) {
        const auto same =
            std::find_if(map.entries.begin(), map.entries.end(), [&](const auto& own) { return own.key == e.key; });
        if (same == map.entries.end()) {
            map.entries.push_back(std::move(e));
        } else if (path.empty() && e.key == "servers") {
            make_list(same->value);
            make_list(e.value);
            for (auto& item : e.value.items) same->value.items.push_back(std::move(item));
        } else if (path.empty() && e.key == "upstreams" && same->value.type == node::kind::map &&
                   e.value.type == node::kind::map) {
            for (auto& group : e.value.entries) merge(same->value, "upstreams", std::move(group));
        } else {
            refuse(e.where, key_in(path, e.key),
                   "the key stands twice; the first is in " + same->where.file + ":" + std::to_string(same->where.line),
                   {});
        }
    }

    document& doc_;
    std::size_t files_ = 0;
};

}  // namespace

std::string read_text(const std::string& file, std::string& error) {
    std::error_code trouble;
    if (fs::is_directory(file, trouble)) {
        error = std::strerror(EISDIR);
        return {};
    }
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        error = errno != 0 ? std::strerror(errno) : "cannot be opened";
        return {};
    }
    std::string text;
    std::istreambuf_iterator<char> from(in);
    for (const std::istreambuf_iterator<char> end; from != end && text.size() <= largest_text; ++from)
        text.push_back(*from);
    return text;
}

void expand_includes(node& root, document& doc) {
    std::error_code trouble;
    const auto real = [&](const std::string& file) { return fs::weakly_canonical(file, trouble).string(); };
    expander all(doc);
    all.expand(root, "", {real(root.where.file)});
    const auto servers =
        std::find_if(root.entries.begin(), root.entries.end(), [](const auto& e) { return e.key == "servers"; });
    if (servers == root.entries.end()) return;
    const bool list = servers->value.type == node::kind::sequence;
    for (std::size_t i = 0; i < (list ? servers->value.items.size() : 1); ++i) {
        node& server = list ? servers->value.items[i] : servers->value;
        if (server.type == node::kind::map)
            all.expand(server, "servers[" + std::to_string(i) + "]", {real(server.where.file)});
    }
}

}  // namespace postern::config
