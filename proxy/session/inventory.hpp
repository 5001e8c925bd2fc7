// What of a configuration ends one day, or fills up: certificates, revocation lists, staples, session caches; as values and
// as metrics.
#pragma once

#include "certs/staple_shelf.hpp"
#include "proxy/ops/metric_sheet.hpp"
#include "proxy/session/snapshot.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::session {

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

// `staples` has adopted the orders of the snapshot.
[[nodiscard]] inventory take_inventory(const snapshot& of, const certs::staple_shelf& staples);

void add_inventory(ops::metric_sheet& to, const inventory& of);

}  // namespace postern::session
