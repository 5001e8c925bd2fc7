#include "proxy/console/page.hpp"

#include "proxy/console/amounts.hpp"
#include "proxy/ops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace postern::console {
namespace {

using lines = std::vector<line>;

constexpr double days_of_warning = 14;  // as the alerts of deploy/ have it

line heads(std::initializer_list<const char*> names) {
    line l;
    for (const auto* name : names) l.push_back({name, tone::title});
    return l;
}

// A section of its own, unless it has but its heads.
void add_section(lines& to, const table& rows) {
    auto more = rows.lines();
    if (more.size() < 2) return;
    to.emplace_back();
    to.insert(to.end(), more.begin(), more.end());
}

std::string plural(std::uint64_t n, const std::string& what) {
    return count_text(n) + " " + what + (n == 1 ? "" : "s");
}

// "unknown_sni 100, not_tls 23": the most frequent first.
std::string reasons_text(const reasons& all) {
    std::vector<std::pair<std::string, std::uint64_t>> sorted(all.begin(), all.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (const auto& [reason, count] : sorted)
        if (count > 0) text += (text.empty() ? "" : ", ") + reason + " " + count_text(count);
    return text;
}

// What the view's changes say of one listener, upstream or peer; null where they say nothing.
template <class T>
const T* of_name(const std::map<std::string, T>& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? nullptr : &found->second;
}

const listener* listener_in(const std::optional<changes>& c, const std::string& address) {
    return c ? of_name(c->counts.listeners, address) : nullptr;
}

const peer* peer_in(const std::optional<changes>& c, const std::string& group, const std::string& address) {
    const auto* of = c ? of_name(c->counts.upstreams, group) : nullptr;
    return of == nullptr ? nullptr : of_name(of->peers, address);
}

template <class T>
std::optional<double> rate(const view& of, const T* changed, std::uint64_t T::*count) {
    if (changed == nullptr) return std::nullopt;
    return static_cast<double>(changed->*count) / of.lately->over.count();
}

// The two cells of p50 and p99.
template <class T>
void add_times(line& to, const T* timed, histogram T::*times) {
    for (const double part : {0.5, 0.99})
        to.push_back({time_text(timed == nullptr ? std::nullopt : quantile(timed->*times, part))});
}

void add_header(lines& to, const view& of) {
    const auto& s = of.now;
    line first{{"postern " + s.version, tone::title},
               {"  "},
               {s.state, s.state == "serving" ? tone::good : tone::warning},
               {"  " + plural(s.workers, "worker")}};
    if (of.restarted) {
        first.push_back({"  "});
        first.push_back({"restarted", tone::warning});
    }
    to.push_back(std::move(first));
    to.push_back({{of.address + "  " + ops::timestamp(of.when)}});
    to.emplace_back();
}

void add_process(lines& to, const view& of) {
    const auto& s = of.now;
    table facts{side::left, side::left};
    if (!s.started.empty()) facts.add({{"started"}, {s.started}});
    facts.add({{"configuration"}, {s.served_since.empty() ? "none is served yet" : "of " + s.served_since}});
    facts.add({{"reloads"},
               {count_text(s.reloads) + " done, " + count_text(s.refused_reloads) + " refused",
                s.refused_reloads > 0 ? tone::warning : tone::plain}});
    facts.add({{"handshakes"},
               {count_text(s.handshakes_in_flight) + " under way, " + count_text(s.handshakes_waiting) + " waiting"}});
    const auto key = s.ticket_key_age ? ", key of " + age_text(*s.ticket_key_age) : std::string();
    facts.add({{"tickets"},
               {count_text(s.tickets_issued) + " issued, " + count_text(s.tickets_accepted) + " accepted, " +
                count_text(s.tickets_rejected) + " rejected" + key}});
    facts.add({{"rates"},
               {of.lately ? fmt::format("a second, of the last {:.1f} s", of.lately->over.count()) : "not known yet"}});
    facts.add({{"p50, p99"},
               {of.timed ? fmt::format("of the last {:.0f} s", of.timed->over.count()) : "since the daemon's start"}});
    const auto rows = facts.lines();
    to.insert(to.end(), rows.begin(), rows.end());
}

void add_listeners(lines& to, const view& of) {
    table rows{side::left, side::right, side::right, side::right, side::right};
    rows.add(heads({"LISTENERS", "open", "new/s", "in/s", "out/s"}));
    for (const auto& [address, l] : of.now.listeners) {
        const auto* lately = listener_in(of.lately, address);
        rows.add({{address},
                  {count_text(l.open)},
                  {rate_text(rate(of, lately, &listener::accepted))},
                  {bytes_text(rate(of, lately, &listener::bytes_in))},
                  {bytes_text(rate(of, lately, &listener::bytes_out))}});
    }
    add_section(to, rows);
}

// Listeners that have seen none (of plain HTTP, mostly) have no rows.
void add_handshakes(lines& to, const view& of) {
    table rows{side::left, side::left, side::right, side::right, side::right, side::right, side::left};
    rows.add(heads({"HANDSHAKES", "", "all", "/s", "p50", "p99"}));
    for (const auto& [address, l] : of.now.listeners) {
        if (l.full == 0 && l.resumed == 0 && l.failed == 0) continue;
        const auto* lately = listener_in(of.lately, address);
        const auto* timed = of.timed ? listener_in(of.timed, address) : &l;
        const auto row = [&, &all = l](const std::string& name, const char* kind, std::uint64_t listener::*count) {
            return line{{name}, {kind}, {count_text(all.*count)}, {rate_text(rate(of, lately, count))}};
        };
        auto full = row(address, "full", &listener::full);
        add_times(full, timed, &listener::full_times);
        rows.add(std::move(full));
        auto resumed = row("", "resumed", &listener::resumed);
        add_times(resumed, timed, &listener::resumed_times);
        rows.add(std::move(resumed));
        auto failed = row("", "failed", &listener::failed);
        failed.insert(failed.end(), {{""}, {""}, {reasons_text(l.failures)}});
        rows.add(std::move(failed));
    }
    add_section(to, rows);
}

void add_requests(lines& to, const view& of) {
    table rows{side::left, side::right, side::right, side::right, side::right};
    rows.add(heads({"REQUESTS", "all", "/s", "p50", "p99"}));
    for (const auto& [address, l] : of.now.listeners) {
        if (l.requests == 0) continue;
        const auto* lately = listener_in(of.lately, address);
        line row{{address}, {count_text(l.requests)}, {rate_text(rate(of, lately, &listener::requests))}};
        add_times(row, of.timed ? listener_in(of.timed, address) : &l, &listener::request_times);
        rows.add(std::move(row));
    }
    add_section(to, rows);
}

// Peers stand below the name of their group, unless it is an address that names itself.
void add_upstreams(lines& to, const view& of) {
    table rows{side::left, side::left, side::right, side::right, side::right, side::right, side::left};
    rows.add(heads({"UPSTREAMS", "", "requests/s", "connects/s", "p50", "p99", "failed"}));
    for (const auto& [name, group] : of.now.upstreams) {
        const bool alone = group.peers.size() == 1 && group.peers.contains(name);
        const auto unresolved =
            group.resolve_failed > 0 ? "resolve_failed " + count_text(group.resolve_failed) : std::string();
        if (!alone) rows.add({{name}, {""}, {""}, {""}, {""}, {""}, {unresolved}});
        for (const auto& [address, p] : group.peers) {
            const auto* lately = peer_in(of.lately, name, address);
            line row{{alone ? address : "  " + address},
                     {p.up ? "up" : "DOWN", p.up ? tone::good : tone::bad},
                     {rate_text(rate(of, lately, &peer::requests))},
                     {rate_text(rate(of, lately, &peer::connects))}};
            add_times(row, of.timed ? peer_in(of.timed, name, address) : &p, &peer::connect_times);
            auto failed = reasons_text(p.failures);
            if (alone && !unresolved.empty()) failed += (failed.empty() ? "" : ", ") + unresolved;
            row.push_back({std::move(failed)});
            rows.add(std::move(row));
        }
    }
    add_section(to, rows);
}

// Times are written so that the order of texts is theirs.
std::string clock_of(const view& of) { return of.now.now.empty() ? ops::timestamp(of.when) : of.now.now; }

// The next to end first.
void add_certificates(lines& to, const view& of) {
    auto sorted = of.now.certificates;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.days_left < b.days_left; });
    table rows{side::left, side::left, side::left, side::left};
    rows.add(heads({"CERTIFICATES", "", "not after"}));
    const auto now = clock_of(of);
    for (const auto& c : sorted) {
        const bool begun = c.not_before <= now;
        const bool near = c.days_left < days_of_warning;
        const auto how = c.days_left <= 0 ? tone::bad : near || !begun ? tone::warning : tone::good;
        line row{{c.name}, {begun ? end_text(c.days_left) : "NOT VALID before " + c.not_before, how}, {c.not_after}};
        if (!c.stapled_until.empty())
            row.push_back({"stapled until " + c.stapled_until});
        else if (c.stapling)
            row.push_back({"NO STAPLE", tone::warning});
        rows.add(std::move(row));
    }
    add_section(to, rows);
}

void add_revocation_lists(lines& to, const view& of) {
    const auto now = clock_of(of);
    table rows{side::left, side::left, side::left};
    rows.add(heads({"REVOCATION LISTS", "next update"}));
    for (const auto& list : of.now.revocation_lists) {
        line row{{list.issuer}, {list.next_update}};
        if (list.next_update < now) row.push_back({"OVERDUE", tone::bad});
        rows.add(std::move(row));
    }
    add_section(to, rows);
}

}  // namespace

std::vector<line> page(const view& of) {
    lines all;
    add_header(all, of);
    add_process(all, of);
    add_listeners(all, of);
    add_handshakes(all, of);
    add_requests(all, of);
    add_upstreams(all, of);
    add_certificates(all, of);
    add_revocation_lists(all, of);
    return all;
}

std::vector<line> no_answer(const std::string& address, const std::string& why,
                            std::chrono::system_clock::time_point since, std::chrono::system_clock::time_point now) {
    return {{{address + "  " + ops::timestamp(now)}},
            {{"NO ANSWER since " + ops::timestamp(since) + ": ", tone::bad}, {why}},
            {{"It is asked again and again."}}};
}

}  // namespace postern::console
