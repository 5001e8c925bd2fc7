// What happened, counted. Printed as one JSON object.
#pragma once

#include "bench/load/histogram.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>

namespace postern::load {

struct tally {
    std::uint64_t answered = 0;
    std::map<std::string, std::uint64_t> failures;  // by cause

    std::uint64_t full = 0;     // handshakes
    std::uint64_t resumed = 0;  // ... that went on with an earlier session
    std::uint64_t tickets = 0;
    std::map<std::string, std::uint64_t> suites;
    std::map<std::string, std::uint64_t> groups;
    std::map<std::size_t, std::uint64_t> chains;  // certificates that the server sent, of full handshakes

    // The server's ephemeral public keys. One that comes twice was not ephemeral.
    std::uint64_t shares = 0;
    std::unordered_set<std::string> distinct_shares;

    std::uint64_t notified = 0;     // closed by the server with close_notify ...
    std::uint64_t unnotified = 0;   // ... and without
    std::uint64_t closed_idle = 0;  // kept connections that the server closed
    std::uint64_t late = 0;         // open loop: exchanges that began more than a millisecond after they were due

    // Both from the moment at which an exchange was due.
    histogram handshakes;
    histogram answers;

    double arrival_seconds = 0;  // until the last exchange began
    double seconds = 0;          // until the last one ended
    double cpu_seconds = 0;      // of this client
};

std::string to_json(const tally& counts);

}  // namespace postern::load
