#include "proxy/net/deadline.hpp"

namespace postern::net {

void deadline::arm(deadlines& all, clock::duration after) {
    unlink();
    all_ = &all;
    after_ = after;
    // The coarse clock may be behind by an interval, and by any time while the sweep slept.
    all.look_at_clock();
    end_ = all.now() + after;
    all.armed_.push_back(*this);
    if (!all.next_sweep_) all.next_sweep_ = all.now() + deadlines::interval;
}

// A look at the clock for every block that moves would cost more than an interval of lateness does harm.
void deadline::touch() { end_ = all_->now() + deadlines::interval + after_; }

void deadlines::sweep(clock::time_point now) {
    now_ = now;
    // expired() may unlink any deadline, so what is due moves to a list of its own first.
    list due;
    for (auto next = armed_.begin(); next != armed_.end();) {
        auto& d = *next++;
        if (d.end_ > now) continue;
        d.unlink();
        due.push_back(d);
    }
    while (!due.empty()) {
        auto& d = due.front();
        due.pop_front();
        d.expired();
    }
    next_sweep_.reset();
    if (!armed_.empty()) next_sweep_ = now + interval;
}

}  // namespace postern::net
