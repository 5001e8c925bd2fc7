// What happens on the traffic's path, counted: one set for each worker, which alone writes to it. Whoever asks sums the sets
// up (totals.hpp). Nothing here is ever taken away, so that counts outlive reloads, and connections what they count in.
#pragma once

#include "certs/ticket_counts.hpp"
#include "config/settings.hpp"
#include "counting/counter.hpp"
#include "counting/histogram.hpp"
#include "proxy/failure.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/ops/label_words.hpp"
#include "proxy/ops/request_record.hpp"
#include "proxy/upstream/counts.hpp"

#include <array>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace postern::ops {

using counting::counter;
using counting::gauge;

// Of a listening address.
struct alignas(64) listener_counts {
    counter accepted;  // connections
    counter closed;
    counting::histogram<counting::short_waits> full;  // handshakes that came about
    counting::histogram<counting::short_waits> resumed;
    std::array<counter, reason_count> handshake_failures;
    std::array<counter, reason_count> endings;  // as access lines tell
    std::array<std::array<counter, status_classes.size()>, http_methods.size()> requests;
    counting::histogram<counting::long_waits> request_times;
    net::byte_counts bytes;

    // A connection has ended before its handshake was done, which has failed, or was not let in, or was not wanted.
    void ended_before_handshake(reason why) {
        if (fails_handshake(why)) handshake_failures[static_cast<std::size_t>(why)].add();
    }
    void ended(reason why) { endings[static_cast<std::size_t>(why)].add(); }
    void answered(const request_record& r);
};

class alignas(64) worker_counts {
public:
    // A connection with these parameters is there. The names are OpenSSL's.
    void shook_hands(listener_counts& at, const tls_record& agreed);

    certs::ticket_counts tickets;
    gauge handshakes_in_flight;
    gauge handshakes_waiting;
    std::array<std::array<std::array<counter, tls_groups.size()>, tls_ciphers.size()>, tls_versions.size()>
        tls_connections;

    // What is counted of a listening address or an upstream, by its name in logs: the same at each call. For reloads: takes
    // a lock, against those who read.
    [[nodiscard]] listener_counts& listener(const std::string& address);
    [[nodiscard]] upstream::target_counts target(const config::upstream& of);

private:
    friend struct totals;
    mutable std::mutex mutex_;  // of the maps, not of what is in them
    std::map<std::string, listener_counts> listeners_;
    std::map<std::string, counter> unresolved_;                                   // by upstream
    std::map<std::pair<std::string, std::string>, upstream::peer_counts> peers_;  // by upstream and address
};

// Of all workers.
class all_counts {
public:
    // For one more. Any thread.
    [[nodiscard]] worker_counts& add_worker();

private:
    friend struct totals;
    mutable std::mutex mutex_;
    std::list<worker_counts> workers_;
};

}  // namespace postern::ops
