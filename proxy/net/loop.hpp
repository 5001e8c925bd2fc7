// A worker's event loop: epoll for its sockets, one coarse clock for its deadlines, and Asio's queue for coroutines and for
// what other threads post. Asio's own reactor is not used here: it spends a system call for each wait, and more on each
// new socket (bench/README.md).
//
// A descriptor is told to the kernel once, edge-triggered, when it is first waited for.
#pragma once

#include "proxy/net/completion.hpp"
#include "proxy/net/deadline.hpp"
#include "proxy/net/net.hpp"
#include "proxy/net/socket.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace postern::net {

enum class direction : std::uint8_t { read, write };

// What the loop knows of one descriptor. A stream_socket owns it.
class watch : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit watch(int descriptor) : fd(descriptor) {}

    const int fd;
    // The kernel has reported an end or an error: reading will tell, and never needs to be waited for.
    bool hung_up = false;
    // Reported while nobody waited: the next wait in that direction is over in the next turn.
    bool readable = false;
    bool writable = false;

    [[nodiscard]] bool watched() const { return asked_ != 0; }

private:
    friend class loop;
    struct waiter {
        completion then;
        direction to;
    };
    // Two may wait: one coroutine that reads and one that writes, which a TLS connection may both make wait for writing.
    std::array<waiter, 2> waiters_;
    bool due_ = false;         // in the loop's list of those whose wait is over already
    std::uint32_t asked_ = 0;  // what the kernel has been asked to report; 0: it does not know the descriptor
};

class loop {
public:
    // Throws std::system_error when there is no descriptor.
    loop();
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    // --- any thread ---

    template <class Function>
    void post(Function f) {
        asio::post(context_, std::move(f));
        wake();
    }

    // --- the loop's own thread, and before it runs ---

    // Until leave(). What has been posted by then is done.
    void run();
    void leave() { leaving_ = true; }
    // One turn of run(), which waits for no longer than `most` (rounded up to milliseconds).
    void turn(clock::duration most);

    // How often it has asked the kernel what has happened.
    [[nodiscard]] std::uint64_t turns() const { return turns_; }

    // Runs a coroutine; `then` is called with what it threw, if anything, and with what it returned.
    template <class T, class Function>
    void spawn(task<T> coroutine, Function then) {
        asio::co_spawn(context_, std::move(coroutine), std::move(then));
    }
    [[nodiscard]] net::deadlines& all_deadlines() { return deadlines_; }

    // Calls `then` once, when everybody who is ready now has had a turn.
    void later(completion then) { later_.push_back(std::move(then)); }
    // Calls `then` once, when whoever runs now has come to a rest.
    void soon(completion then, error_code with = {}) { soon_.push_back({std::move(then), with}); }

    // --- for stream_socket ---

    [[nodiscard]] std::unique_ptr<watch> open(int descriptor);
    // Calls `then` once the descriptor seems ready, never inside this call.
    void wait(watch& w, direction to, completion then);
    // Whoever waits is called with operation_aborted, soon.
    void cancel(watch& w);
    // Events that are on their way may still refer to it.
    void retire(std::unique_ptr<watch> w);

private:
    void wake();
    void look(clock::duration most);
    [[nodiscard]] bool ask(watch& w, direction to);
    void happened(watch& w, std::uint32_t events);
    void fire(watch& w, direction to);
    void fire_due();

    unique_fd epoll_;
    unique_fd wake_;
    std::atomic<bool> woken_{false};
    net::deadlines deadlines_;
    boost::intrusive::list<watch, boost::intrusive::constant_time_size<false>> watches_;
    std::vector<watch*> due_;
    std::vector<std::unique_ptr<watch>> retired_;
    std::vector<completion> later_;
    std::vector<completion> running_;  // kept for its memory
    struct call {
        completion then;
        error_code with;
    };
    std::vector<call> soon_;
    std::uint64_t turns_ = 0;
    bool leaving_ = false;
    // Dies first: the coroutines that its queue holds own sockets.
    asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // one thread; others only post
    asio::executor_work_guard<executor> work_;
};

}  // namespace postern::net
