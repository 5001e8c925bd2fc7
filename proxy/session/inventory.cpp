#include "proxy/session/inventory.hpp"

#include "proxy/session/caches.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace postern::session {
namespace {

double seconds(certs::time_point when) { return std::chrono::duration<double>(when.time_since_epoch()).count(); }

inventory::certificate describe(const certs::identity& one, const certs::staple_order* order,
                                const certs::staple_shelf& staples) {
    inventory::certificate c;
    c.name = one.names.empty() ? one.subject : one.names.front();
    c.serial = one.serial;
    c.not_before = one.not_before;
    c.not_after = one.not_after;
    c.to_be_stapled = order != nullptr;
    if (order != nullptr)
        if (const auto staple = staples.now(order->id)) c.staple_ends = staple->next_update;
    return c;
}

// Servers share certificates; whichever of two ends first is the one to watch.
void merge(inventory::certificate& into, const inventory::certificate& other) {
    into.not_before = std::max(into.not_before, other.not_before);
    into.not_after = std::min(into.not_after, other.not_after);
    if (!other.to_be_stapled) return;
    if (!std::exchange(into.to_be_stapled, true))
        into.staple_ends = other.staple_ends;
    else
        into.staple_ends = into.staple_ends && other.staple_ends
                               ? std::optional(std::min(*into.staple_ends, *other.staple_ends))
                               : std::nullopt;
}

std::vector<inventory::certificate> certificates_of(const snapshot& of, const certs::staple_shelf& staples) {
    std::map<std::pair<std::string, std::string>, inventory::certificate> all;
    for (std::size_t s = 0; s < of.identities.size(); ++s)
        for (std::size_t i = 0; i < of.identities[s].size(); ++i) {
            const bool ordered = s < of.staples.size() && i < of.staples[s].size();
            const auto one = describe(*of.identities[s][i], ordered ? of.staples[s][i].get() : nullptr, staples);
            const auto [known, fresh] = all.try_emplace({one.name, one.serial}, one);
            if (!fresh) merge(known->second, one);
        }
    std::vector<inventory::certificate> list;
    list.reserve(all.size());
    for (auto& [key, one] : all) list.push_back(std::move(one));
    return list;
}

std::vector<certs::list_facts> lists_of(const snapshot& of) {
    std::map<std::string, certs::time_point> all;
    for (const auto& trust : of.trust) {
        if (!trust) continue;
        for (const auto& one : trust->lists) {
            auto& ends = all.try_emplace(one.issuer, one.next_update).first->second;
            ends = std::min(ends, one.next_update);
        }
    }
    std::vector<certs::list_facts> list;
    list.reserve(all.size());
    for (const auto& [issuer, ends] : all) list.push_back({issuer, ends});
    return list;
}

}  // namespace

inventory take_inventory(const snapshot& of, const certs::staple_shelf& staples) {
    inventory made{certificates_of(of, staples), lists_of(of), {}};
    for (const auto& [name, cache] : name_caches(of)) made.caches.push_back({name, cache->count()});
    return made;
}

void add_inventory(ops::metric_sheet& to, const inventory& of) {
    auto not_after =
        to.gauge("postern_certificate_not_after_seconds", "When a certificate ends, in seconds since 1970.");
    auto not_before =
        to.gauge("postern_certificate_not_before_seconds", "When a certificate begins, in seconds since 1970.");
    auto staples = to.gauge("postern_ocsp_next_update_seconds",
                            "When the response that is stapled ends, in seconds since 1970; 0: nothing is stapled.");
    for (const auto& c : of.certificates) {
        not_after.add({{"name", c.name}, {"serial", c.serial}}, seconds(c.not_after));
        not_before.add({{"name", c.name}, {"serial", c.serial}}, seconds(c.not_before));
        if (c.to_be_stapled)
            staples.add({{"name", c.name}, {"serial", c.serial}}, c.staple_ends ? seconds(*c.staple_ends) : 0);
    }
    auto lists =
        to.gauge("postern_crl_next_update_seconds", "When a revocation list is to be renewed, in seconds since 1970.");
    for (const auto& list : of.lists) lists.add({{"issuer", list.issuer}}, seconds(list.next_update));
    auto hits =
        to.counter("postern_tls_session_cache_hits_total", "Sessions that a shared cache was asked for and had.");
    auto misses = to.counter("postern_tls_session_cache_misses_total", "... and had not.");
    auto evictions =
        to.counter("postern_tls_session_cache_evictions_total", "Sessions that had to make room before their time.");
    auto sessions = to.gauge("postern_tls_session_cache_sessions", "Sessions in a shared cache.");
    for (const auto& [name, now] : of.caches) {
        hits.add({{"cache", name}}, static_cast<double>(now.hits));
        misses.add({{"cache", name}}, static_cast<double>(now.misses));
        evictions.add({{"cache", name}}, static_cast<double>(now.evictions));
        sessions.add({{"cache", name}}, static_cast<double>(now.sessions));
    }
}

}  // namespace postern::session
