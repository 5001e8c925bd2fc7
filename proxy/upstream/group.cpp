#include "proxy/upstream/group.hpp"

#include <algorithm>

namespace postern::upstream {
namespace {

constexpr std::chrono::seconds shortest_ttl{1};

}  // namespace

group::group(const config::upstream& settings) : max_fails_(settings.max_fails), fail_timeout_(settings.fail_timeout) {
    for (std::size_t i = 0; i < settings.servers.size(); ++i) {
        const auto& e = settings.servers[i];
        if (const auto literal = to_address(e)) {
            fixed_.push_back(std::make_shared<peer>());
            fixed_.back()->addr = *literal;
            fixed_.back()->server = i;
        } else if (e.type == config::endpoint::kind::tcp) {
            names_.push_back({.host = e.host, .port = e.port, .server = i});
        }
    }
    collect();
}

void group::tell(known_addresses& to) const {
    for (const auto& n : names_) {
        auto& known = to[{n.host, n.port}];
        if (!known.empty()) continue;
        for (const auto& p : n.found) known.push_back(p->addr);
    }
}

void group::begin_with(const known_addresses& known) {
    for (auto& n : names_)
        if (const auto at = known.find({n.host, n.port}); at != known.end()) take(n, at->second);
    collect();
}

void group::collect() {
    peers_ = fixed_;
    for (const auto& n : names_) peers_.insert(peers_.end(), n.found.begin(), n.found.end());
}

void group::report_failure(peer& p, time_point now) {
    // The name may mean another address by now.
    for (auto& n : names_)
        if (std::any_of(n.found.begin(), n.found.end(), [&](const auto& own) { return own.get() == &p; }))
            n.next = std::min(n.next, std::max(now, n.answered + shortest_ttl));
    if (max_fails_ == 0) return;
    if (p.fails == 0 || now - p.first_fail > fail_timeout_) {
        p.fails = 0;
        p.first_fail = now;
    }
    ++p.fails;
    if (p.aside_until || p.fails >= max_fails_) p.aside_until = now + fail_timeout_;
}

void group::report_success(peer& p) {
    if (!p.aside_until) return;
    p.aside_until.reset();
    p.fails = 0;
}

std::vector<std::size_t> group::due(time_point now) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < names_.size(); ++i)
        if (!names_[i].asked && names_[i].next <= now) {
            names_[i].asked = true;
            all.push_back(i);
        }
    return all;
}

void group::resolved(std::size_t name, const answer& a, time_point now) {
    auto& n = names_[name];
    n.asked = false;
    n.answered = now;
    n.next = now + std::max(a.ttl, shortest_ttl);
    if (a.addresses.empty()) return;
    take(n, a.addresses);
    collect();
}

void group::take(resolvable& n, const std::vector<address>& addresses) {
    std::vector<std::shared_ptr<peer>> fresh;
    const auto among = [](const auto& peers, const address& addr) {
        return std::find_if(peers.begin(), peers.end(), [&](const auto& p) { return p->addr == addr; });
    };
    for (const auto& found : addresses) {
        const auto addr = found.with_port(n.port);
        if (among(fresh, addr) != fresh.end()) continue;
        const auto old = among(n.found, addr);
        fresh.push_back(old != n.found.end() ? *old : std::make_shared<peer>());
        fresh.back()->addr = addr;
        fresh.back()->server = n.server;
    }
    n.found = std::move(fresh);
}

bool attempt::tried(const peer& p) const {
    return std::any_of(tried_.begin(), tried_.end(), [&](const auto& t) { return t->addr == p.addr; });
}

std::shared_ptr<peer> attempt::next(time_point now) {
    const auto& peers = group_.peers_;
    for (const bool aside_too : {false, true})
        for (std::size_t i = 0; i < peers.size(); ++i) {
            const std::size_t at = (group_.turn_ + i) % peers.size();
            auto& p = *peers[at];
            if (tried(p) || (!aside_too && p.aside_until && *p.aside_until > now)) continue;
            // This one finds out for all whether the peer is back.
            if (!aside_too && p.aside_until) p.aside_until = now + group_.fail_timeout_;
            group_.turn_ = at + 1;
            tried_.push_back(peers[at]);
            return peers[at];
        }
    return nullptr;
}

}  // namespace postern::upstream
