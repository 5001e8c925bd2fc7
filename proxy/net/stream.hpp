// One end of a connection, plain or TLS, behind one interface. Nothing here waits: an operation does what can be done now
// and says so; whoever calls waits for the socket (wait_readable, wait_writable) and calls again.
#pragma once

#include "proxy/net/buffer.hpp"
#include "proxy/net/stream_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace postern::net {

enum class io_status : std::uint8_t {
    ok,           // as much as was asked for, or there may be more
    would_block,  // no more for now: wait for the socket
    end,          // the other side finished in order: close_notify, or FIN on a plain socket
    truncated,    // TLS only: the TCP connection ended without close_notify
    reset,        // the other side reset the connection
    failed,       // anything else; see stream::error()
    timeout,      // of net/readiness: it took too long
    stopped,      // ... or stop() was called
};

struct io_result {
    io_status status = io_status::ok;
    std::size_t bytes = 0;  // moved, also when status is not ok
};

class stream {
public:
    explicit stream(stream_socket&& socket) : socket_(std::move(socket)) {}
    // Goes on where another has left off: what that one knows of the socket stays known.
    explicit stream(stream& before) : socket_(std::move(before.socket_)), drained_(before.drained_) {}
    virtual ~stream() = default;
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    // Reads what is there, at most into.size(). `ok` means that there may be more.
    [[nodiscard]] virtual io_result read_some(std::span<std::uint8_t> into) = 0;
    // Takes bytes from the front of `from`. With `would_block` the stream may hold bytes of its own that flush() sends.
    [[nodiscard]] virtual io_result write_some(std::span<const std::uint8_t> from) = 0;
    // Sends what the stream itself holds. `ok`: it holds nothing.
    [[nodiscard]] virtual io_status flush() = 0;
    // The next write is the last one, and what says so to the other side may travel with it: finish(), or say_goodbye()
    // and close(), come right after it, without a wait between.
    void last_write_follows() { end_follows_ = true; }
    // No more writes: close_notify where there is one, then FIN, after all that was written. `would_block`: call again.
    [[nodiscard]] virtual io_status finish() = 0;
    // The same for who closes the socket next, which sends the FIN.
    [[nodiscard]] virtual io_status say_goodbye() = 0;
    // After a read_some that would block: it waits until the socket is writable, not readable (TLS must answer first).
    [[nodiscard]] virtual bool read_waits_for_write() const { return false; }

    [[nodiscard]] stream_socket& socket() { return socket_; }
    // What a `failed` was, for a log.
    [[nodiscard]] const std::string& error() const { return error_; }
    // The socket has been waited for: there may be something to read again.
    void became_readable() { drained_ = false; }

    void close() noexcept;
    // Ends the connection by a reset, so that the other side cannot take what it has for the whole. Bytes that the kernel
    // has not sent yet are lost: see unsent().
    void reset() noexcept;
    // The other side has sent its FIN, or reset the connection: whatever it sent before may still be read.
    [[nodiscard]] bool hung_up() noexcept;
    // Bytes that were written and that the other side's kernel has not acknowledged.
    [[nodiscard]] std::size_t unsent() noexcept;

protected:
    [[nodiscard]] io_result receive(std::span<std::uint8_t> into);
    // While end_follows_, the kernel keeps the last bytes for a moment, so that the FIN is in their segment.
    [[nodiscard]] io_result transmit(std::span<const std::uint8_t> from);
    [[nodiscard]] io_status shut_down_write();

    std::string error_;
    bool end_follows_ = false;

private:
    [[nodiscard]] io_status explain(int error);
    void drain();

    stream_socket socket_;
    // The last receive got less than it asked for: the kernel has no more, and asking again would be a wasted call.
    bool drained_ = false;
};

class plain_stream final : public stream {
public:
    using stream::stream;
    [[nodiscard]] io_result read_some(std::span<std::uint8_t> into) override { return receive(into); }
    [[nodiscard]] io_result write_some(std::span<const std::uint8_t> from) override { return transmit(from); }
    [[nodiscard]] io_status flush() override { return io_status::ok; }
    [[nodiscard]] io_status finish() override { return shut_down_write(); }
    [[nodiscard]] io_status say_goodbye() override { return io_status::ok; }
};

}  // namespace postern::net
