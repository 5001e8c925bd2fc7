// A connected, connecting or listening socket on a loop. It waits; reading and writing are the business of whoever owns it.
// Usable on the loop's thread alone; the loop must outlive it.
#pragma once

#include "proxy/net/loop.hpp"

namespace postern::net {

class stream_socket {
public:
    explicit stream_socket(loop& on) : loop_(&on) {}
    // The descriptor must be non-blocking.
    stream_socket(loop& on, unique_fd fd) : loop_(&on), watch_(on.open(fd.value())), fd_(std::move(fd)) {}
    stream_socket(stream_socket&&) noexcept = default;
    stream_socket& operator=(stream_socket&& other) noexcept {
        close();
        loop_ = other.loop_;
        watch_ = std::move(other.watch_);
        fd_ = std::move(other.fd_);
        return *this;
    }
    ~stream_socket() { close(); }

    [[nodiscard]] int native_handle() const { return fd_.value(); }
    [[nodiscard]] net::loop& on() const { return *loop_; }

    // Until there may be something to read (an end or an error counts), or room to write; completes with
    // operation_aborted after cancel() or close(). One wait in each direction, or two in one.
    template <class Token>
    auto async_wait(direction to, Token&& token) {
        return operation([this, to](completion then) { loop_->wait(*watch_, to, std::move(then)); },
                         std::forward<Token>(token));
    }
    void cancel() {
        if (watch_) loop_->cancel(*watch_);
    }
    void close() {
        if (!watch_) return;
        loop_->retire(std::move(watch_));
        fd_ = {};
    }

    // The kernel has reported an end or an error: after a short read there may be more to learn.
    [[nodiscard]] bool hung_up() const { return watch_ && watch_->hung_up; }
    // Nothing to read has been reported since exhausted(), as of the loop's last turn.
    [[nodiscard]] bool known_silent() const { return watch_ && watch_->watched() && !watch_->readable; }
    // There may be more to read than has been: the next wait is over after everybody has had a turn.
    void still_readable() {
        if (watch_) watch_->readable = true;
    }
    // All that was there has been read, or the last byte of room written: what was reported before is out of date.
    void exhausted(direction to) {
        if (watch_) (to == direction::read ? watch_->readable : watch_->writable) = false;
    }

private:
    net::loop* loop_;
    std::unique_ptr<watch> watch_;
    unique_fd fd_;
};

}  // namespace postern::net
