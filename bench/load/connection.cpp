#include "bench/load/connection.hpp"

#include "bench/load/answer.hpp"

#include <openssl/err.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace postern::load {

connection::connection(connection&& other) noexcept
    : asked_(other.asked_),
      tls_(other.tls_),
      counts_(other.counts_),
      socket_(std::exchange(other.socket_, -1)),
      session_(std::move(other.session_)),
      wallet_(std::move(other.wallet_)) {}

std::optional<failure> connection::advance() {
    if (step_ == step::idle) {
        if (socket_ >= 0) look_while_idle();
        return std::nullopt;
    }
    if (step_ == step::connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) return fail(std::string("connect: ") + std::strerror(error));
        tickets_before_ = wallet_.tickets;
        session_ = tls_.begin(socket_, wallet_);
        step_ = step::shaking_hands;
    }
    if (step_ == step::shaking_hands) {
        errno = 0;
        if (const int result = SSL_connect(session_.get()); result != 1) {
            if (would_block(result)) return std::nullopt;
            return fail("handshake: " + reason_of_failure(errno));
        }
        counts_.handshakes.add(clock::now() - due_);
        count_handshake(session_.get(), counts_);
        step_ = step::asking;
    }
    if (step_ == step::asking) ask();
    if (step_ == step::reading || step_ == step::closing) return read();
    return std::nullopt;
}

std::optional<failure> connection::open() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return std::string("socket: ") + std::strerror(errno);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(asked_.port);
    ::inet_pton(AF_INET, asked_.host.c_str(), &address.sin_addr);
    step_ = step::connecting;
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
        return fail(std::string("connect: ") + std::strerror(errno));
    }
    return std::nullopt;
}

// A request is far smaller than any socket's buffer, so it is taken whole.
void connection::ask() {
    answer_.clear();
    step_ = step::reading;
    if (asked_.protocol == protocol::bare) return;
    if (request_.empty()) {
        request_ =
            asked_.protocol == protocol::line
                ? (asked_.keep ? "stay\n" : "ping\n")
                : "GET " + asked_.path + " HTTP/1.1\r\nHost: " + asked_.server_name +
                      (asked_.keep || asked_.closing != closing::server ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
    }
    SSL_write(session_.get(), request_.data(), static_cast<int>(request_.size()));
}

std::optional<failure> connection::read() {
    std::array<char, 4096> part;
    for (;;) {
        if (step_ == step::reading && answer_is_whole()) {
            if (auto failed = take_answer()) return failed;
            if (part_ways()) return failure();
        }
        errno = 0;
        const auto tickets = wallet_.tickets;
        const int count = SSL_read(session_.get(), part.data(), part.size());
        if (count > 0) {
            answer_.append(part.data(), static_cast<std::size_t>(count));
        } else if (would_block(count)) {
            if (wallet_.tickets == tickets) return std::nullopt;  // a ticket may be all that was waited for
        } else if (step_ == step::reading) {
            return fail("no whole answer: " + reason_of_failure(errno));
        } else {
            ++(SSL_get_error(session_.get(), count) == SSL_ERROR_ZERO_RETURN ? counts_.notified : counts_.unnotified);
            drop();
            return failure();
        }
    }
}

bool connection::answer_is_whole() const {
    if (asked_.protocol == protocol::line) return answer_.ends_with('\n');
    if (asked_.protocol == protocol::http) return whole_answer(answer_);
    // Nothing was asked, so what can be waited for is the first ticket, which TLS 1.2 sends inside the handshake.
    return !asked_.resume || wallet_.newest;
}

std::optional<failure> connection::take_answer() {
    if (asked_.protocol == protocol::http && !is_success(answer_)) return fail("answer: " + first_line(answer_));
    counts_.answers.add(clock::now() - due_);
    ++counts_.answered;
    counts_.tickets += wallet_.tickets - std::exchange(tickets_before_, wallet_.tickets);
    return std::nullopt;
}

// True when the exchange is over; else it ends when the server closes.
bool connection::part_ways() {
    if (asked_.keep) {
        step_ = step::idle;
        return true;
    }
    if (asked_.closing == closing::reset) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        drop();
        return true;
    }
    if (asked_.closing == closing::clean) {
        SSL_shutdown(session_.get());
        ::shutdown(socket_, SHUT_WR);
    }
    step_ = step::closing;
    return false;
}

// Late tickets are taken. A server may close a connection that is kept for long; the next exchange opens another.
void connection::look_while_idle() {
    char unasked = 0;
    if (const int count = SSL_read(session_.get(), &unasked, 1); count > 0 || !would_block(count)) {
        ++counts_.closed_idle;
        drop();
    }
}

failure connection::give_up() {
    static constexpr std::array names{"idle", "connecting", "shaking hands", "asking", "reading", "closing"};
    return *fail(std::string("timed out while ") + names.at(static_cast<std::size_t>(step_)));
}

std::optional<failure> connection::fail(std::string cause) {
    drop();
    ++counts_.failures[cause];
    return cause;
}

bool connection::would_block(int result) const {
    const int error = SSL_get_error(session_.get(), result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

void connection::drop() {
    ERR_clear_error();
    // A session is worth offering again even when its connection was not closed in TLS's own way.
    if (session_) SSL_set_shutdown(session_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    session_.reset();
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    step_ = step::idle;
}

}  // namespace postern::load
