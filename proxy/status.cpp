#include "proxy/status.hpp"

#include "proxy/ops/text.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace postern {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// As the library wants it. What comes from files may be no UTF-8.
boost::json::string text(std::string_view foreign) {
    std::string readable;
    ops::append_readable_text(readable, foreign);
    return boost::json::string(readable.data(), readable.size());
}

boost::json::string text(std::chrono::system_clock::time_point when) { return text(ops::timestamp(when)); }

value text(const std::optional<std::chrono::system_clock::time_point>& when) {
    return when ? value(text(*when)) : value();
}

object reasons(const ops::by_reason& counts) {
    object all;
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] != 0) all[to_string(static_cast<reason>(i))] = counts[i];
    return all;
}

using counting::seconds;

// Each count is of its own bucket; the last one is of what is beyond all bounds.
object times(const counting::distribution& of) {
    array bounds;
    for (const auto bound : of.bounds) bounds.push_back(seconds(bound));
    return {{"bounds_s", std::move(bounds)},
            {"counts", array(of.counts.begin(), of.counts.end())},
            {"sum_s", seconds(of.sum)}};
}

array listeners(const status_facts& of) {
    array all;
    for (const auto& [address, l] : of.traffic.listeners) {
        all.push_back(
            object{{"address", text(address)},
                   {"connections", object{{"active", l.active()}, {"accepted", l.accepted}}},
                   {"handshakes", object{{"full", l.full.count()},
                                         {"resumed", l.resumed.count()},
                                         {"failed", l.failed()},
                                         {"failures", reasons(l.handshake_failures)},
                                         {"times", object{{"full", times(l.full)}, {"resumed", times(l.resumed)}}}}},
                   {"requests", l.request_times.count()},
                   {"request_times", times(l.request_times)},
                   {"endings", reasons(l.endings)},
                   {"bytes", object{{"in", l.bytes_in}, {"out", l.bytes_out}}}});
    }
    return all;
}

array certificates(const status_facts& of) {
    array all;
    for (const auto& c : of.has.certificates) {
        const auto left = std::chrono::duration<double, std::ratio<86400>>(c.not_after - of.now).count();
        all.push_back(object{{"name", text(c.name)},
                             {"serial", text(c.serial)},
                             {"not_before", text(c.not_before)},
                             {"not_after", text(c.not_after)},
                             {"days_left", std::floor(left * 1e5) / 1e5},
                             {"stapling", c.to_be_stapled},
                             {"stapled_until", text(c.staple_ends)}});
    }
    return all;
}

array upstreams(const status_facts& of) {
    std::map<std::string, array> peers;
    for (const auto& [name, count] : of.traffic.unresolved) peers[name];
    for (const auto& [name, p] : of.traffic.peers) {
        object failures;
        for (std::size_t i = 0; i < p.failures.size(); ++i)
            if (p.failures[i] != 0) failures[to_string(upstream::connect_reasons[i])] = p.failures[i];
        peers[name.first].push_back(object{{"address", text(name.second)},
                                           {"up", p.up()},
                                           {"requests", p.requests},
                                           {"connects", p.connects.count()},
                                           {"connect_times", times(p.connects)},
                                           {"failures", std::move(failures)}});
    }
    array all;
    for (auto& [name, own] : peers) {
        const auto unresolved = of.traffic.unresolved.find(name);
        const auto count = unresolved == of.traffic.unresolved.end() ? 0 : unresolved->second;
        all.push_back(object{{"name", text(name)}, {"peers", std::move(own)}, {"resolve_failed", count}});
    }
    return all;
}

object handshaking(const status_facts& of) {
    const auto& t = of.traffic;
    value age;
    if (of.ticket_key_age) age = std::chrono::duration_cast<std::chrono::seconds>(*of.ticket_key_age).count();
    return {{"handshakes_in_flight", t.handshakes_in_flight},
            {"handshakes_waiting", t.handshakes_waiting},
            {"tickets",
             object{{"issued", t.tickets_issued}, {"accepted", t.tickets_accepted}, {"rejected", t.tickets_rejected}}},
            {"ticket_key_age_s", age}};
}

}  // namespace

std::string status_text(const status_facts& of) {
    array lists;
    for (const auto& list : of.has.lists)
        lists.push_back(object{{"issuer", text(list.issuer)}, {"next_update", text(list.next_update)}});
    const object all{
        {"version", text(of.version)},
        {"state", text(of.state)},
        {"started", text(of.started)},
        {"now", text(of.now)},
        {"workers", of.traffic.workers},
        {"reloads",
         object{{"ok", of.reloads}, {"failed", of.refused_reloads}, {"served_since", text(of.served_since)}}},
        {"tls", handshaking(of)},
        {"listeners", listeners(of)},
        {"upstreams", upstreams(of)},
        {"certificates", certificates(of)},
        {"revocation_lists", std::move(lists)}};
    return boost::json::serialize(all) + "\n";
}

}  // namespace postern
