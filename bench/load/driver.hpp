// Keeps many connections busy on one thread.
#pragma once

#include "bench/load/arrivals.hpp"
#include "bench/load/connection.hpp"

#include <deque>
#include <vector>

namespace postern::load {

class driver {
public:
    explicit driver(const options& asked);
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;
    ~driver();

    // One exchange on every connection that is to have a ticket or to be open already; else on one, to see whether the
    // server answers. Does not count. Throws std::runtime_error when one fails.
    void prime();

    // The exchanges that were asked for.
    tally run();

private:
    void drive(arrivals& work, std::size_t in_flight);
    void begin_what_is_due(arrivals& work, std::size_t in_flight);
    void wait(const arrivals& work);
    void end_what_takes_too_long(clock::time_point now);
    void settle(std::size_t slot);

    const options& asked_;
    tls_client tls_;
    tally counts_;
    std::vector<connection> connections_;
    std::vector<std::uint32_t>
        generation_;                // of a slot's socket: an event may be older than the socket it is taken for
    std::deque<std::size_t> free_;  // the one that has waited longest is first
    std::size_t busy_ = 0;
    int epoll_;
    clock::time_point swept_;
    clock::time_point last_begun_;
};

}  // namespace postern::load
