// What happened between two readings of a daemon's status, and what a histogram says of most. Pure.
#pragma once

#include "proxy/console/status.hpp"

#include <chrono>
#include <optional>

namespace postern::console {

// `now` with the counts of `before` taken off. Listeners, upstreams and peers that only one of them has are left out.
// Nothing when a count went backwards: the two are of different processes.
[[nodiscard]] std::optional<status> difference(const status& now, const status& before);

struct duration_estimate {
    double seconds = 0;
    bool more = false;  // than `seconds`, the last bound
};

// How long it took at most for this part of them (0.5, 0.99), estimated inside a bucket as Prometheus'
// histogram_quantile does. Nothing where there are none.
[[nodiscard]] std::optional<duration_estimate> quantile(const histogram& of, double part);

using time_point = std::chrono::steady_clock::time_point;
using seconds = std::chrono::duration<double>;

struct changes {
    status counts;
    seconds over{};
};

// The last readings of one address, so far as they are of one process.
class history {
public:
    // Readings come in the order of their times.
    void add(status s, time_point when);

    [[nodiscard]] const status& last() const { return last_->what; }  // of which there must be one
    [[nodiscard]] bool restarted() const { return restarted_; }       // since the reading before the last
    [[nodiscard]] std::optional<changes> lately() const;              // since the reading before the last
    [[nodiscard]] std::optional<changes> in_a_minute() const;         // since one of half a minute to a minute ago

private:
    struct reading {
        status what;
        time_point when;
    };
    [[nodiscard]] std::optional<changes> since(const std::optional<reading>& before) const;

    // However often it is looked, these four are kept: `next_base_` takes the place of `base_` half a minute after it.
    std::optional<reading> base_;
    std::optional<reading> next_base_;
    std::optional<reading> before_;
    std::optional<reading> last_;
    bool restarted_ = false;
};

}  // namespace postern::console
