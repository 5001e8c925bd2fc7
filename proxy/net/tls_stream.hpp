// The TLS side of a connection: an engine between a socket and whoever reads and writes plaintext.
// Blocks are lent only while ciphertext is in flight; an idle connection keeps the engine alone, which then needs little.
#pragma once

#include "proxy/net/deadline.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/tls/engine.hpp"

namespace postern::net {

class tls_stream final : public stream, private deadline {
public:
    // Takes the socket of `before`; `received`: what that has read already (the ClientHello). For the rest see tls::engine.
    tls_stream(stream& before, SSL_CTX* context, std::string expected_name, block_pool& pool, block&& received);

    // Goes on with the handshake. `ok`: done, and all of it has been sent but a TLS 1.3 ticket, which waits for a response
    // to travel with, for 100 ms at the most. `would_block`: wait until the socket is
    // writable if holds_output(), else until it is readable, and call again. `failed`: see why_failed(); the alert for
    // the client has been sent.
    [[nodiscard]] io_status handshake();

    [[nodiscard]] io_result read_some(std::span<std::uint8_t> into) override;
    [[nodiscard]] io_result write_some(std::span<const std::uint8_t> from) override;
    [[nodiscard]] io_status flush() override;
    [[nodiscard]] io_status finish() override;
    [[nodiscard]] io_status say_goodbye() override;
    [[nodiscard]] bool read_waits_for_write() const override { return read_waits_for_write_; }

    [[nodiscard]] bool holds_output() const { return out_ && !out_.empty(); }
    [[nodiscard]] bool asked_again() const { return engine_.asked_again(); }
    [[nodiscard]] bool resumed() const { return engine_.resumed(); }
    [[nodiscard]] tls::facts agreed(tls::more_facts more) const { return engine_.agreed(more); }
    [[nodiscard]] const failure& why_failed() const { return engine_.error(); }
    // See tls::engine.
    [[nodiscard]] std::optional<tls::alert> last_alert() const { return engine_.last_alert(); }
    [[nodiscard]] std::unique_ptr<const certs::client_certificate> shown() const { return engine_.shown(); }

private:
    // Lends the engine what it may need and takes back what it used, around one step.
    template <class Step>
    auto with_buffers(Step take);
    [[nodiscard]] io_status receive_more();
    [[nodiscard]] io_status write_close_notify();
    // The ticket has waited long enough.
    void expired() override;
    [[nodiscard]] bool only_waiting_ticket() const { return is_linked() && out_.filled().size() == ticket_size_; }

    block_pool& pool_;
    tls::engine engine_;
    block in_;   // ciphertext that the engine has not consumed
    block out_;  // ciphertext that the socket has not taken
    bool close_notify_written_ = false;
    std::size_t ticket_size_ = 0;
    bool read_waits_for_write_ = false;
};

}  // namespace postern::net
