// Waiting for a socket, for so long and no longer. One thread only.
#pragma once

#include "proxy/net/deadline.hpp"
#include "proxy/net/stream.hpp"

namespace postern::net {

enum class wait_result : std::uint8_t {
    ready,    // try again; in vain perhaps: another's wait on the same socket may have been cancelled
    timeout,  // nothing came in time
    stopped,  // stop() was called
};

// One coroutine's waits, one at a time. Two may wait on one socket, in one direction each.
class readiness final : private deadline {
public:
    explicit readiness(deadlines& all) : all_(all) {}

    [[nodiscard]] task<wait_result> readable(stream& s, clock::duration within);
    [[nodiscard]] task<wait_result> writable(stream& s, clock::duration within);

    // The wait under way ends with `stopped`, and so does each one after it.
    void stop();
    // The wait under way, if there is one, ends with `stopped`; those after it are not concerned.
    void end_wait();
    [[nodiscard]] bool stopped() const { return stopped_; }

private:
    void begin(stream& s, clock::duration within);
    [[nodiscard]] wait_result end();
    void expired() override;
    void interrupt();

    deadlines& all_;
    stream* waiting_for_ = nullptr;
    bool timed_out_ = false;
    bool ended_ = false;
    bool stopped_ = false;
};

// Writes all of `bytes`, and what the stream itself still holds.
[[nodiscard]] task<io_status> write_all(stream& s, std::span<const std::uint8_t> bytes, readiness& wait,
                                        clock::duration within);

// Who moves bytes without ever having to wait lets everybody else have a turn after so many pieces.
inline constexpr int pieces_a_turn = 16;
[[nodiscard]] task<> let_others_run(loop& on);
// Returns after about this time, late by a sweep of the deadlines at the most.
[[nodiscard]] task<> sleep_for(loop& on, clock::duration time);

}  // namespace postern::net
