#include "config/complaints.hpp"

namespace postern::config {

std::string server_key(std::size_t server) { return "servers[" + std::to_string(server) + "]"; }

complaints::complaints(document& doc) : doc_(doc) {
    for (const auto& p : doc.problems)
        if (p.level == severity::error) unread_.insert(p.key);
}

void complaints::refuse(const std::string& key, std::string what, std::string found, std::string allowed,
                        std::string suggestion) {
    problem p;
    p.where = doc_.place_of(key);
    p.key = key;
    p.what = std::move(what);
    p.found = std::move(found);
    p.allowed = std::move(allowed);
    p.suggestion = std::move(suggestion);
    doc_.problems.push_back(std::move(p));
}

void complaints::refuse_absent(const std::string& inside, std::string_view key, std::string what, std::string allowed) {
    const std::string whole = (inside.empty() ? "" : inside + ".") + std::string(key);
    if (!unread(whole)) refuse(inside.empty() ? whole : inside, std::move(what), {}, std::move(allowed));
}

bool complaints::written(const std::string& key) const { return doc_.places.contains(key); }

bool complaints::unread(const std::string& key) const {
    // The key itself, or what encloses it; the empty key is the whole text.
    for (std::string_view outer = key;;) {
        if (unread_.contains(outer)) return true;
        if (outer.empty()) break;
        const auto cut = outer.find_last_of(".[");
        outer = cut == std::string_view::npos ? std::string_view() : outer.substr(0, cut);
    }
    for (const char* deeper : {".", "["}) {
        const auto at = unread_.lower_bound(key + deeper);
        if (at != unread_.end() && at->starts_with(key + deeper)) return true;
    }
    return false;
}

}  // namespace postern::config
