// What of a configuration ends one day, or fills up: certificates, revocation lists, staples, session caches; as values and
// as metrics.
#pragma once

#include "proxy/ops/metric_sheet.hpp"
#include "proxy/session/snapshot.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::session {

// What is stapled now instead of what stood in the order, by the order's id; null: nothing.
using held_staples = std::map<std::string, certs::staple_ptr>;

struct inventory {
    struct certificate {
        std::string name;  // the first that it is for
        std::string serial;
        certs::time_point not_before;
        certs::time_point not_after;
        bool to_be_stapled = false;
        std::optional<certs::time_point> staple_ends;  // nothing: nothing is stapled
    };
    struct cache {
        std::string name;
        certs::session_cache::counts now;
    };
    std::vector<certificate> certificates;  // one for each name and serial
    std::vector<certs::list_facts> lists;   // one of each issuer, the one that ends first
    std::vector<cache> caches;
};

[[nodiscard]] inventory take_inventory(const snapshot& of, const held_staples& held);

void add_inventory(ops::metric_sheet& to, const inventory& of);

}  // namespace postern::session
