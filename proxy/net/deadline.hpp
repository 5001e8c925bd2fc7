// Timeouts of a worker: a coarse clock and one list that is swept a few times a second, so that no connection has a timer
// of its own and touching a deadline is one store. The sweep sleeps while nothing waits. One thread only.
#pragma once

#include "proxy/net/net.hpp"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <optional>

namespace postern::net {

class deadlines;

using deadline_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct deadline_tag>,
                                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Something that may take only so long. The owner derives from it, arms it, and pushes the end on with touch().
// Leaves the list by itself when it dies.
class deadline : public deadline_hook {
public:
    deadline() = default;
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;
    virtual ~deadline() = default;

    // Called by the sweep, once an arming: never early, up to one sweep interval late, after a touch up to two. May
    // destroy *this or arm it again.
    virtual void expired() = 0;

    void arm(deadlines& all, clock::duration after);
    void touch();  // the same time again, from now
    void disarm() { unlink(); }

private:
    friend class deadlines;
    deadlines* all_ = nullptr;
    clock::duration after_{};
    clock::time_point end_{};
};

class deadlines {
public:
    static constexpr auto interval = std::chrono::milliseconds(100);

    // Now, as of the last sweep, arming or look at the clock; about one interval old at the most while anything is armed.
    [[nodiscard]] clock::time_point now() const { return now_; }
    void look_at_clock() { now_ = std::max(now_, clock::now()); }  // never back, whatever a test has swept

    // When the loop has to call sweep() next; nothing while nothing is armed.
    [[nodiscard]] std::optional<clock::time_point> next_sweep() const { return next_sweep_; }
    // Expires whatever is due at `now`.
    void sweep(clock::time_point now);

private:
    friend class deadline;

    using list = boost::intrusive::list<deadline, boost::intrusive::base_hook<deadline_hook>,
                                        boost::intrusive::constant_time_size<false>>;
    list armed_;
    clock::time_point now_ = clock::now();
    std::optional<clock::time_point> next_sweep_;
};

}  // namespace postern::net
