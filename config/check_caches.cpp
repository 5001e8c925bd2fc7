// What servers say about session caches that they share.
#include "config/complaints.hpp"
#include "config/units.hpp"

#include <map>

namespace postern::config {
namespace {

// nginx's floor is 8 pages: below it a cache holds next to nothing.
constexpr std::size_t least_shared_cache = 32 * 1024;

}  // namespace

void check_caches(const settings& all, complaints& say) {
    std::map<std::string, std::size_t> first_by_name;
    for (std::size_t i = 0; i < all.servers.size(); ++i) {
        const auto& ssl = all.servers[i].ssl;
        if (!ssl || ssl->session_cache.type != session_cache::kind::shared) continue;
        const auto& cache = ssl->session_cache;
        const std::string key = server_key(i) + ".ssl.session_cache";
        if (cache.size < least_shared_cache)
            say.refuse(key, "too small for sessions", to_string(cache), "shared:32k or more");
        if (cache.name.empty()) continue;
        const std::size_t first = first_by_name.emplace(cache.name, i).first->second;
        const auto& theirs = all.servers[first].ssl->session_cache;
        if (cache.size != theirs.size)
            say.refuse(key, "one cache has one size; " + server_key(first) + " gave it another first", to_string(cache),
                       to_string(theirs));
    }
}

}  // namespace postern::config
