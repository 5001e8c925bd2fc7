#include "proxy/console/changes.hpp"

#include <numeric>
#include <utility>

namespace postern::console {
namespace {

constexpr std::chrono::seconds half_a_minute{30};

class subtraction {
public:
    status of(const status& now, const status& before) {
        // Two processes whose counts happen to fit; older ones do not tell.
        if (!now.started.empty() && !before.started.empty() && now.started != before.started) backwards_ = true;
        status s = now;
        take(s.reloads, before.reloads);
        take(s.refused_reloads, before.refused_reloads);
        take(s.tickets_issued, before.tickets_issued);
        take(s.tickets_accepted, before.tickets_accepted);
        take(s.tickets_rejected, before.tickets_rejected);
        take_each(s.listeners, before.listeners);
        take_each(s.upstreams, before.upstreams);
        return s;
    }

    [[nodiscard]] bool backwards() const { return backwards_; }

private:
    void take(std::uint64_t& from, std::uint64_t before) {
        backwards_ = backwards_ || from < before;
        from -= before;
    }

    void take(reasons& from, const reasons& before) {
        for (const auto& [reason, count] : before) take(from[reason], count);
    }

    void take(histogram& from, const histogram& before) {
        if (from.bounds != before.bounds)
            backwards_ = true;
        else
            for (std::size_t i = 0; i < from.counts.size(); ++i) take(from.counts[i], before.counts[i]);
    }

    void take(listener& from, const listener& before) {
        take(from.accepted, before.accepted);
        take(from.full, before.full);
        take(from.resumed, before.resumed);
        take(from.failed, before.failed);
        take(from.failures, before.failures);
        take(from.full_times, before.full_times);
        take(from.resumed_times, before.resumed_times);
        take(from.requests, before.requests);
        take(from.request_times, before.request_times);
        take(from.bytes_in, before.bytes_in);
        take(from.bytes_out, before.bytes_out);
    }

    void take(peer& from, const peer& before) {
        take(from.requests, before.requests);
        take(from.connects, before.connects);
        take(from.connect_times, before.connect_times);
        take(from.failures, before.failures);
    }

    void take(upstream_group& from, const upstream_group& before) {
        take(from.resolve_failed, before.resolve_failed);
        take_each(from.peers, before.peers);
    }

    // A peer that a reload has brought back counts on where it was left: its first difference would be no rate.
    template <class T>
    void take_each(std::map<std::string, T>& from, const std::map<std::string, T>& before) {
        std::erase_if(from, [&](const auto& one) { return !before.contains(one.first); });
        for (auto& [name, one] : from) take(one, before.at(name));
    }

    bool backwards_ = false;
};

}  // namespace

std::optional<status> difference(const status& now, const status& before) {
    subtraction s;
    auto made = s.of(now, before);
    if (s.backwards()) return std::nullopt;
    return made;
}

std::optional<duration_estimate> quantile(const histogram& of, double part) {
    const auto all = std::accumulate(of.counts.begin(), of.counts.end(), 0.0);
    if (all <= 0) return std::nullopt;
    const double wanted = part * all;
    double below = 0;
    for (std::size_t i = 0; i < of.bounds.size(); ++i) {
        const auto here = static_cast<double>(of.counts[i]);
        if (here > 0 && below + here >= wanted) {
            const double lower = i == 0 ? 0 : of.bounds[i - 1];
            return duration_estimate{lower + (of.bounds[i] - lower) * (wanted - below) / here};
        }
        below += here;
    }
    return duration_estimate{of.bounds.back(), true};
}

void history::add(status s, time_point when) {
    restarted_ = last_ && !difference(s, last_->what);
    if (restarted_) base_ = next_base_ = last_ = std::nullopt;
    before_ = std::exchange(last_, reading{std::move(s), when});
    if (!base_) base_ = next_base_ = last_;
    if (when - next_base_->when >= half_a_minute) base_ = std::exchange(next_base_, last_);
}

std::optional<changes> history::lately() const { return since(before_); }

std::optional<changes> history::in_a_minute() const { return since(base_); }

std::optional<changes> history::since(const std::optional<reading>& before) const {
    if (!before || before->when >= last_->when) return std::nullopt;
    auto counts = difference(last_->what, before->what);
    if (!counts) return std::nullopt;
    return changes{std::move(*counts), last_->when - before->when};
}

}  // namespace postern::console
