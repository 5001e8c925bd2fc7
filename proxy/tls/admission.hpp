// How many handshakes a worker has under way at once; the rest wait in the order they came. One thread only.
#pragma once

#include <boost/intrusive/list.hpp>

#include <cstddef>

namespace postern::tls {

class admission {
public:
    using hook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct admission_tag>,
                                                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

    // Someone with a handshake to do. Leaves the queue by itself when it dies.
    class waiter : public hook {
    public:
        virtual ~waiter() = default;
        // Its turn has come: it holds a place, as if enter() had been true.
        virtual void admitted() = 0;
    };

    void limit_to(std::size_t handshakes) { limit_ = handshakes; }

    // True: go on, and leave() afterwards. False: `w` waits for admitted().
    [[nodiscard]] bool enter(waiter& w);
    // Gives a place back; the first in the queue gets it.
    void leave();

    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    [[nodiscard]] bool anyone_waiting() const { return !queue_.empty(); }

private:
    using list =
        boost::intrusive::list<waiter, boost::intrusive::base_hook<hook>, boost::intrusive::constant_time_size<false>>;
    list queue_;
    std::size_t in_flight_ = 0;
    std::size_t limit_ = 512;
};

}  // namespace postern::tls
