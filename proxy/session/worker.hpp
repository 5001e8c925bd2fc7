// One thread with one event loop that owns everything its connections touch: listeners, TLS contexts, blocks, deadlines,
// upstream groups and the access lines they write. Other threads only post to it.
#pragma once

#include "certs/library.hpp"
#include "proxy/net/buffer.hpp"
#include "proxy/net/deadline.hpp"
#include "proxy/net/loop.hpp"
#include "proxy/net/socket.hpp"
#include "proxy/ops/access_log.hpp"
#include "proxy/ops/counts.hpp"
#include "proxy/ops/http_date.hpp"
#include "proxy/ops/line_budget.hpp"
#include "proxy/session/face.hpp"
#include "proxy/session/handshake_rates.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/session/session.hpp"
#include "proxy/tls/admission.hpp"
#include "proxy/upstream/resolve.hpp"

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace postern::session {

// What workers share beside the snapshot: the counts behind limits; and where each keeps its own, for others to read.
struct shared_state {
    std::atomic<std::size_t> connections{0};
    handshake_rates rates;
    ops::all_counts counts;
};

// A listening socket made for one worker, and the index of its address in the snapshot that came with it.
struct bound_socket {
    config::endpoint endpoint;
    net::unique_fd fd;
};

class worker {
public:
    worker(unsigned index, shared_state& shared, upstream::resolver& resolver, ops::access_log& log);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    // --- any thread ---

    // Runs the loop on a thread of its own until stopped. `on_exit` is called on that thread as the last thing.
    void start(std::function<void()> on_exit);
    // From now on connections are served by `next`, on its addresses: listeners of addresses that stay go on, `fresh`
    // sockets are added, the rest accept what waits and close. `done` is called on the worker's thread.
    void adopt(std::shared_ptr<const snapshot> next, std::vector<bound_socket> fresh, std::function<void()> done);
    // From now on these are the keys of tickets, one set of each source of `of`; without effect when another snapshot is
    // served. Whoever is connected notices nothing.
    void use(std::shared_ptr<const snapshot> of, ticket_key_sets keys);
    // Serves `fresh` in place of the staple of the order with this id (null: nothing), if there is one by then.
    void staple(std::string id, certs::staple_ptr fresh);
    // Accepts what waits, closes the listeners, takes no more requests, and leaves the loop when the last session has
    // ended.
    void drain();
    // Ends every session now, for this reason, and leaves the loop.
    void stop(reason why);

    // --- the worker's own thread ---

    [[nodiscard]] net::loop& loop() { return loop_; }
    [[nodiscard]] net::block_pool& pool() { return pool_; }
    [[nodiscard]] net::deadlines& deadlines() { return loop_.all_deadlines(); }
    [[nodiscard]] upstream::resolver& resolver() { return resolver_; }
    [[nodiscard]] tls::admission& admission() { return admission_; }
    [[nodiscard]] handshake_rates& rates() { return shared_.rates; }
    // Whether this turn of the loop has room for the step; false: `w` waits for admitted().
    [[nodiscard]] bool may_step(tls::admission::waiter& w, tls::handshake_step s);
    // A handshake that had begun has ended, well or not.
    void handshake_over();
    [[nodiscard]] ops::access_buffer& access() { return access_; }
    [[nodiscard]] ops::worker_counts& counts() { return counts_; }
    [[nodiscard]] ops::http_clock& date() { return date_; }
    [[nodiscard]] bool draining() const { return draining_; }

    // Of a connection or a request: unlike any other, and telling nothing about how many there were.
    [[nodiscard]] std::uint64_t next_id();
    // Whether one more connection that has ended before its handshake may have its access line: there are
    // log.handshake_failures_per_second for handshakes that have failed, and as many for the rest.
    [[nodiscard]] bool may_tell(reason why);

    // Reserves a place under limits.connections; false: there is none.
    [[nodiscard]] bool reserve_connection();
    void release_connection();
    // Serves a connection whose place has been reserved.
    void serve(face_ptr face, entrance at, net::accepted_fd accepted);
    // For what has escaped from a coroutine of this connection.
    static void report(const std::exception_ptr& escaped, std::uint64_t connection);

private:
    // Hands the access lines over, and notes what a gauge tells, now and then while there are connections.
    class line_sweep final : public net::deadline {
    public:
        explicit line_sweep(worker& w) : worker_(w) {}
        [[nodiscard]] bool armed() const { return is_linked(); }

    private:
        void expired() override;
        worker& worker_;
    };

    void run();
    void adopt_here(std::shared_ptr<const snapshot> next, std::vector<bound_socket> fresh);
    void drain_here();
    // In the next turn of the loop those go on who wait for a turn, after everybody who is ready.
    void let_in_later();
    void let_in();
    void leave_when_empty();
    void tell_left_out(std::uint64_t lines, std::string_view of) const;

    unsigned index_;
    shared_state& shared_;
    ops::worker_counts& counts_;
    upstream::resolver& resolver_;
    net::loop loop_;
    certs::library library_;
    certs::staple_shelf staples_;
    net::block_pool pool_;
    tls::admission admission_;
    bool letting_in_ = false;  // let_in() will be called
    ops::access_buffer access_;
    // Of connections that have ended before their handshake was done: because it has failed, and the rest.
    ops::line_budget failure_lines_;
    ops::line_budget leaving_lines_;
    ops::http_clock date_;
    face_ptr face_;
    std::list<listener> listeners_;
    session_list sessions_;
    std::size_t session_count_ = 0;
    std::uint64_t id_state_;
    bool draining_ = false;
    line_sweep lines_;
    std::function<void()> on_exit_;
    std::thread thread_;
};

}  // namespace postern::session
