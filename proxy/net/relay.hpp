// Bytes both ways between two streams until both directions have ended, each in its own time (half-close). Every byte of
// a tunnel passes here, so this is one hand-written composed operation and not a pair of coroutines.
//
// The endings are the table "How a connection ends" in proxy/README.md.
#pragma once

#include "counting/counter.hpp"
#include "proxy/failure.hpp"
#include "proxy/net/deadline.hpp"
#include "proxy/net/stream.hpp"

#include <cstdint>

namespace postern::net {

// Plain bytes, counted as they move.
struct byte_counts {
    counting::counter from_client;
    counting::counter to_client;
};

class relay final : private deadline {
public:
    // The streams, the pool and `all` must outlive the relay. `idle`: the longest silence in both directions. `counts`,
    // where bytes are counted too, likewise; null: nowhere.
    relay(stream& client, stream& upstream, block_pool& pool, deadlines& all, clock::duration idle,
          byte_counts* counts = nullptr);

    // What has been read of each side already, and goes first. Before run().
    void begin_with(block&& from_client, block&& from_upstream);

    // Runs to the end: reason::closed when both directions finished in order, else who broke it off and why. The sockets
    // stay open; how to close them is the caller's decision. Awaited once.
    [[nodiscard]] task<failure> run();

    // Ends it early, from outside (a drain that took too long). run() returns with this reason.
    void stop(party by, reason why);

    [[nodiscard]] std::uint64_t from_client() const { return to_upstream_.bytes; }
    [[nodiscard]] std::uint64_t from_upstream() const { return to_client_.bytes; }

private:
    enum class state : std::uint8_t {
        reading,    // waiting for bytes of the source
        writing,    // the sink has not taken all of the block, or holds bytes of its own
        finishing,  // the source has ended; the sink is told
        done,       // ... and knows it
    };

    // One direction.
    struct leg {
        stream& source;
        stream& sink;
        party from;
        party to;
        counting::counter* counts;
        state now = state::reading;
        block held = {};
        std::uint64_t bytes = 0;

        void hold(block&& read);
    };

    void advance(leg& l);
    // One move of the leg's state machine. False: it waits for something.
    [[nodiscard]] bool move(leg& l);
    [[nodiscard]] bool read(leg& l);
    [[nodiscard]] bool write(leg& l);
    [[nodiscard]] bool finish(leg& l);

    void wait_readable(leg& l);
    void wait_writable(leg& l, stream& s);
    void go_on(leg& l, error_code waited);
    void yield(leg& l);
    void broken(party by, io_status how, const stream& s);
    void end(failure why);
    void expired() override;
    void complete_when_idle();

    leg to_upstream_;
    leg to_client_;
    block_pool& pool_;
    deadlines& deadlines_;
    clock::duration idle_;
    failure ending_;
    bool ended_ = false;
    int outstanding_ = 0;  // waits whose handlers refer to this object
    completion finished_;  // run()
};

}  // namespace postern::net
