#include "proxy/ops/watch_plan.hpp"

#include <algorithm>
#include <utility>

namespace postern::ops {

void watch_plan::noticed(time now) {
    switch (state_) {
        case state::quiet: return settle(now);
        case state::settling:
            next_ = std::min(now + terms_.debounce, began_ + most_debounces * terms_.debounce);
            return;
        case state::loading: meanwhile_ = true; return;
        // A look follows soon, or the load that reads it.
        case state::retrying:
        case state::changed: return;
    }
}

watch_plan::step watch_plan::due(time now) {
    const bool last = now >= give_up_;
    const bool load = state_ == state::changed || (state_ == state::retrying && last);
    if (load) {
        state_ = state::loading;
        return last ? step::last_load : step::load;
    }
    return state_ != state::loading && now >= next_ ? step::look : step::wait;
}

void watch_plan::looked(time now, bool changed) {
    switch (state_) {
        // The sweep has found it, and whoever writes may be in the middle of it.
        case state::quiet: return changed ? settle(now) : rest(now);
        case state::settling:
            if (!changed) return rest(now);
            state_ = state::changed;
            return;
        case state::retrying:
            next_ = now + terms_.retry;
            if (changed) state_ = state::changed;
            return;
        case state::changed:
        case state::loading: return;
    }
}

void watch_plan::loaded(time now, outcome what) {
    if (what == outcome::unfinished) {
        if (give_up_ == time::max()) give_up_ = now + terms_.patience;
        meanwhile_ = false;
        state_ = state::retrying;
        next_ = now + terms_.retry;
        return;
    }
    give_up_ = time::max();
    // What is settling, or was found to have changed, is newer than this load.
    if (state_ != state::loading && state_ != state::retrying) return;
    if (std::exchange(meanwhile_, false))
        settle(now);
    else
        rest(now);
}

watch_plan::time watch_plan::next() const {
    switch (state_) {
        case state::loading: return time::max();
        case state::changed: return time::min();
        case state::retrying: return std::min(next_, give_up_);
        case state::quiet:
        case state::settling: break;
    }
    return next_;
}

void watch_plan::rest(time now) {
    state_ = state::quiet;
    next_ = now + terms_.sweep;
}

void watch_plan::settle(time now) {
    state_ = state::settling;
    began_ = now;
    next_ = now + terms_.debounce;
}

}  // namespace postern::ops
