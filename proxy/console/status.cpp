#include "proxy/console/status.hpp"

#include "proxy/ops/text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace postern::console {
namespace {

namespace json = boost::json;

std::string readable(std::string_view foreign) {
    std::string text;
    ops::append_readable_text(text, foreign);
    return text;
}

// A value of the document, or the place where there is none. The first value of a wrong kind is kept in `wrong`; reading
// goes on as if it were missing.
class part {
public:
    part(const json::value* of, std::string path, std::string& wrong)
        : of_(of == nullptr || of->is_null() ? nullptr : of), path_(std::move(path)), wrong_(&wrong) {}

    [[nodiscard]] part operator[](std::string_view key) const {
        const auto* object = as(&json::value::if_object, "an object");
        return {object == nullptr ? nullptr : object->if_contains({key.data(), key.size()}), at(key), *wrong_};
    }

    [[nodiscard]] std::string text() const {
        const auto* found = as(&json::value::if_string, "a text");
        return found == nullptr ? std::string() : readable({found->data(), found->size()});
    }

    [[nodiscard]] bool yes(bool otherwise) const {
        const auto* found = as(&json::value::if_bool, "true or false");
        return found == nullptr ? otherwise : *found;
    }

    [[nodiscard]] std::uint64_t count() const { return known_count().value_or(0); }

    [[nodiscard]] std::optional<std::uint64_t> known_count() const {
        if (of_ == nullptr) return std::nullopt;
        if (const auto* large = of_->if_uint64()) return *large;
        if (const auto* small = of_->if_int64(); small != nullptr && *small >= 0)
            return static_cast<std::uint64_t>(*small);
        refuse("a count");
        return std::nullopt;
    }

    [[nodiscard]] double number() const {
        if (of_ == nullptr) return 0;
        if (const auto* large = of_->if_uint64()) return static_cast<double>(*large);
        if (const auto* small = of_->if_int64()) return static_cast<double>(*small);
        if (const auto* any = of_->if_double(); any != nullptr && std::isfinite(*any)) return *any;
        refuse("a number");
        return 0;
    }

    [[nodiscard]] std::vector<part> each() const {
        std::vector<part> all;
        if (const auto* array = as(&json::value::if_array, "a list"))
            for (std::size_t i = 0; i < array->size(); ++i)
                all.emplace_back(&(*array)[i], path_ + "[" + std::to_string(i) + "]", *wrong_);
        return all;
    }

    [[nodiscard]] reasons by_reason() const {
        reasons all;
        if (const auto* object = as(&json::value::if_object, "an object"))
            for (const auto& member : *object) {
                const auto key = readable({member.key().data(), member.key().size()});
                all[key] = part(&member.value(), at(key), *wrong_).count();
            }
        return all;
    }

    void refuse(std::string_view allowed) const {
        if (wrong_->empty()) *wrong_ = (path_.empty() ? "" : path_ + ": ") + std::string(allowed) + " belongs here";
    }

private:
    template <class T>
    const T* as(const T* (json::value::*look)() const noexcept, std::string_view allowed) const {
        if (of_ == nullptr) return nullptr;
        const T* found = (of_->*look)();
        if (found == nullptr) refuse(allowed);
        return found;
    }

    [[nodiscard]] std::string at(std::string_view key) const {
        return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
    }

    const json::value* of_;
    std::string path_;
    std::string* wrong_;
};

histogram histogram_of(const part& from) {
    histogram h;
    for (const auto& bound : from["bounds_s"].each()) h.bounds.push_back(bound.number());
    for (const auto& count : from["counts"].each()) h.counts.push_back(count.count());
    if (h.bounds.empty() && h.counts.empty()) return {};
    const auto& b = h.bounds;
    const bool ascending =
        !b.empty() && b.front() > 0 && std::adjacent_find(b.begin(), b.end(), std::greater_equal<>()) == b.end();
    if (ascending && h.counts.size() == b.size() + 1) return h;
    from.refuse("ascending bounds and one more count than bounds");
    return {};
}

listener listener_of(const part& from) {
    const auto handshakes = from["handshakes"];
    const auto times = handshakes["times"];
    listener l;
    l.open = from["connections"]["active"].count();
    l.accepted = from["connections"]["accepted"].count();
    l.full = handshakes["full"].count();
    l.resumed = handshakes["resumed"].count();
    l.failed = handshakes["failed"].count();
    l.failures = handshakes["failures"].by_reason();
    l.full_times = histogram_of(times["full"]);
    l.resumed_times = histogram_of(times["resumed"]);
    l.requests = from["requests"].count();
    l.request_times = histogram_of(from["request_times"]);
    l.bytes_in = from["bytes"]["in"].count();
    l.bytes_out = from["bytes"]["out"].count();
    return l;
}

peer peer_of(const part& from) {
    peer p;
    p.up = from["up"].yes(true);
    p.requests = from["requests"].count();
    p.connects = from["connects"].count();
    p.connect_times = histogram_of(from["connect_times"]);
    p.failures = from["failures"].by_reason();
    return p;
}

upstream_group group_of(const part& from) {
    upstream_group g;
    for (const auto& each : from["peers"].each()) g.peers[each["address"].text()] = peer_of(each);
    g.resolve_failed = from["resolve_failed"].count();
    return g;
}

certificate certificate_of(const part& from) {
    return {from["name"].text(),        from["not_before"].text(),   from["not_after"].text(),
            from["days_left"].number(), from["stapling"].yes(false), from["stapled_until"].text()};
}

status status_of(const part& from) {
    const auto tls = from["tls"];
    status s;
    s.version = from["version"].text();
    s.state = from["state"].text();
    s.started = from["started"].text();
    s.now = from["now"].text();
    s.served_since = from["reloads"]["served_since"].text();
    s.workers = from["workers"].count();
    s.reloads = from["reloads"]["ok"].count();
    s.refused_reloads = from["reloads"]["failed"].count();
    s.handshakes_in_flight = tls["handshakes_in_flight"].count();
    s.handshakes_waiting = tls["handshakes_waiting"].count();
    s.tickets_issued = tls["tickets"]["issued"].count();
    s.tickets_accepted = tls["tickets"]["accepted"].count();
    s.tickets_rejected = tls["tickets"]["rejected"].count();
    s.ticket_key_age = tls["ticket_key_age_s"].known_count();
    for (const auto& each : from["listeners"].each()) s.listeners[each["address"].text()] = listener_of(each);
    for (const auto& each : from["upstreams"].each()) s.upstreams[each["name"].text()] = group_of(each);
    for (const auto& each : from["certificates"].each()) s.certificates.push_back(certificate_of(each));
    for (const auto& each : from["revocation_lists"].each())
        s.revocation_lists.push_back({each["issuer"].text(), each["next_update"].text()});
    return s;
}

}  // namespace

result<status> read_status(std::string_view text) {
    json::error_code error;
    const auto document = json::parse({text.data(), text.size()}, error);
    if (error) return trouble{"no JSON: " + error.message()};
    std::string wrong;
    const part all(&document, "", wrong);
    auto s = status_of(all);
    if (!document.is_object()) all.refuse("an object");
    if (!wrong.empty()) return trouble{wrong};
    // Every version tells these two.
    if (s.version.empty() || s.state.empty()) return trouble{"neither version nor state"};
    return s;
}

}  // namespace postern::console
