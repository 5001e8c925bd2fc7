// Where the ticket keys of one or several servers come from, and which of them count now: files, keys that are made here,
// or keys derived from a secret (ticket_secret).
#pragma once

#include "certs/tickets.hpp"

#include <chrono>
#include <ctime>
#include <limits>
#include <memory>
#include <mutex>

namespace postern::certs {

struct ticket_terms {
    std::chrono::seconds rotation;  // how long a key seals
    std::chrono::seconds lifetime;  // how long the last ticket by it may be used (session_timeout)
};

// Any thread may call anything; the lock is for those who turn and those who ask at that time, and traffic does neither.
class ticket_source {
public:
    static constexpr std::time_t never = std::numeric_limits<std::time_t>::max();

    // What counts until the first turn.
    explicit ticket_source(std::shared_ptr<const ticket_keys> first) : keys_(std::move(first)) {}
    virtual ~ticket_source() = default;
    ticket_source(const ticket_source&) = delete;
    ticket_source& operator=(const ticket_source&) = delete;

    // As of the last turn.
    [[nodiscard]] std::shared_ptr<const ticket_keys> keys() const;
    // Changes to what counts at this second of the wall clock, and says at which one to come again. Where OpenSSL refuses
    // (no randomness), what counted goes on.
    std::time_t turn(std::time_t now, const ticket_terms& terms);

protected:
    struct next {
        std::shared_ptr<const ticket_keys> keys;  // null: those that counted before
        std::time_t until;
    };

private:
    // Called under the lock.
    [[nodiscard]] virtual next at(std::time_t now, const ticket_terms& terms) = 0;

    mutable std::mutex mutex_;
    std::shared_ptr<const ticket_keys> keys_;
};

// Always the same keys.
[[nodiscard]] std::shared_ptr<ticket_source> fixed_tickets(std::shared_ptr<const ticket_keys> keys);

// Random keys that end with the process. The next one is known, to open tickets, a whole rotation before it seals: workers
// learn of keys one after the other. A key opens tickets until the last one sealed with it has reached its lifetime; then
// its memory is wiped. Throws std::runtime_error when there is no randomness.
[[nodiscard]] std::shared_ptr<ticket_source> made_tickets(std::time_t now);

}  // namespace postern::certs
