// Which steps of handshakes a worker takes in this turn of its loop, and who waits, so that its other clients never wait
// for more than a turn's worth of them. Steps are weighed by what their kind has cost lately; what does not fit goes to a
// later turn, first in, first out. One thread only; no clock of its own.
#pragma once

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace postern::tls {

// In the order in which they go first: what is under way is finished before more is begun, and resumptions are many for
// the price of one.
enum class handshake_step : std::uint8_t {
    finish,  // what the client says after our first flight
    resume,  // a ClientHello with a ticket by a key that we hold
    full,    // any other ClientHello
};

class admission {
public:
    using duration = std::chrono::nanoseconds;

    // A turn shall stay under 2 ms with all that is in it: accepting, reading hellos, the clients that are served, and
    // the step that began within the budget and ended outside. A request takes two turns and more, one for each side, so
    // the rest of those 2 ms is not for the taking; a shorter turn costs one more look at the kernel, a few microseconds.
    static constexpr duration usual_budget = std::chrono::microseconds(500);
    // While both wait, this many resumptions go before one full handshake. Without an end to it, whoever has a ticket
    // could keep new clients out for ever; with this one the latter are slowed down at most, and not much, since eight
    // resumptions cost about as much as three of theirs.
    static constexpr unsigned resumptions_before_a_full = 8;

    // Someone with a step to take. Leaves the queue by itself when it dies.
    class waiter : public boost::intrusive::list_base_hook<boost::intrusive::tag<struct admission_tag>> {
    public:
        waiter() = default;
        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;
        virtual ~waiter() { give_up(); }
        // Its turn has come, as if enter() had been true: the step is to be taken in this turn of the loop.
        virtual void admitted() = 0;
        // Waits no longer, if it did.
        void give_up();

    private:
        friend class admission;
        admission* door_ = nullptr;  // while it waits
        handshake_step step_ = handshake_step::full;
    };

    explicit admission(duration turn_budget = usual_budget) : budget_(turn_budget) {}

    struct bounds {
        std::size_t in_flight = 512;  // handshakes that have begun
        std::size_t waiting = 4096;   // ... and that have not
    };
    void limit_to(bounds b) { bounds_ = b; }

    // `turn` counts the turns of the loop. True: take the step now; if it begins a handshake, leave() afterwards. False:
    // `w` waits for admitted().
    [[nodiscard]] bool enter(waiter& w, handshake_step s, std::uint64_t turn);
    // Admits the one whose turn it is; false: nobody, for this turn of the loop. To be called after everything else that
    // the turn has to do, and again when the step has been charged.
    [[nodiscard]] bool let_one_in(std::uint64_t turn);
    // What a step was in the end, and how long it took: the first says how it was admitted. A resumption that came to
    // nothing is charged as the full handshake that it was, and a full one that waits goes before the next resumption.
    void charge(handshake_step admitted_as, handshake_step was, duration took);
    // A handshake is over; it may have failed.
    void leave() { --in_flight_; }

    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    // Hellos that wait to begin.
    [[nodiscard]] std::size_t waiting() const { return length(handshake_step::resume) + length(handshake_step::full); }
    // Someone waits for nothing but a turn.
    [[nodiscard]] bool anyone_may_go() { return next() != nullptr; }
    // As many handshakes wait to begin as may; accepting more is of no use.
    [[nodiscard]] bool crowded() const;
    // What a step of this kind is taken to cost.
    [[nodiscard]] duration cost(handshake_step s) const { return costs_[static_cast<std::size_t>(s)]; }

private:
    using list = boost::intrusive::list<
        waiter, boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<admission_tag>>>>;

    void begin(std::uint64_t turn);
    // The list whose first is the next to go, the budget aside; null: nobody can.
    [[nodiscard]] list* next();
    [[nodiscard]] bool affordable(handshake_step s) const;
    void grant(handshake_step s);
    [[nodiscard]] list& queue(handshake_step s) { return queues_[static_cast<std::size_t>(s)]; }
    [[nodiscard]] std::size_t length(handshake_step s) const { return queues_[static_cast<std::size_t>(s)].size(); }

    std::array<list, 3> queues_;  // by step
    // At first, about what they cost on a machine of 2020.
    std::array<duration, 3> costs_{std::chrono::microseconds(80), std::chrono::microseconds(150),
                                   std::chrono::microseconds(300)};
    const duration budget_;
    bounds bounds_;
    std::size_t in_flight_ = 0;
    std::uint64_t turn_ = 0;
    duration spent_{};  // of the turn's budget
    unsigned resumed_in_a_row_ = 0;
};

}  // namespace postern::tls
