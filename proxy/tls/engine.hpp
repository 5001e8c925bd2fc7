// One server-side TLS connection as bytes in, bytes out: OpenSSL over a BIO of our own. No system call happens inside.
//
// The caller feeds ciphertext, lends room for output, and takes a step:
//
//     engine e(context);
//     e.feed(received);                  // stays the caller's memory; must outlive the steps that consume it
//     e.lend(room);                      // likewise
//     switch (e.handshake()) { ... }     // then send room.first(e.produced())
//
// The input is read in place, so what a step leaves in unread() must be fed again after the memory moves.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/tls/handshake.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace postern::tls {

enum class step : std::uint8_t {
    done,         // all that was asked for
    want_input,   // what was fed is consumed, more is needed
    want_output,  // the room lent is full: send it, lend more, take the same step again
    closed,       // the client's close_notify has been read; nothing more will come
    failed,       // see engine::error(); an alert for the client may be in the output
};

struct moved {
    step status;
    std::size_t bytes;  // plaintext bytes read or written, also when status is not `done`
};

class engine {
public:
    // `context` comes from certs::make_context with check_server_name as its client_hello callback.
    // `expected_name`: the folded SNI that chose the context; OpenSSL must read the same one, or the handshake fails with
    // sni_mismatch. Throws nothing; a connection for which there is no memory fails at its first step.
    engine(SSL_CTX* context, std::string expected_name);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    void feed(std::span<const std::uint8_t> ciphertext) { input_ = ciphertext; }
    [[nodiscard]] std::span<const std::uint8_t> unread() const { return input_; }

    void lend(std::span<std::uint8_t> room);
    [[nodiscard]] std::size_t produced() const { return produced_; }

    [[nodiscard]] step handshake();
    // What the step that ended the handshake has produced is a ticket at most (TLS 1.3), which no client waits for.
    [[nodiscard]] bool ends_with_tickets() const;
    // `done` means that `into` is full; there may be more.
    [[nodiscard]] moved read(std::span<std::uint8_t> into);
    // Nothing but more ciphertext can make the next read() yield anything.
    [[nodiscard]] bool starved() const;
    // Encrypts as much as the room lent holds. `want_output` with bytes < from.size(): call again with the rest.
    [[nodiscard]] moved write(std::span<const std::uint8_t> from);
    // Our close_notify: no write may follow; reads may.
    [[nodiscard]] step close();

    // The session goes on from an earlier one; known from the first step on that has answered the ClientHello.
    [[nodiscard]] bool resumed() const;
    // What the handshake agreed on; valid once handshake() was done.
    [[nodiscard]] facts agreed() const;
    // Why the last step failed.
    [[nodiscard]] const failure& error() const { return error_; }

    // certs::context_plan::client_hello: OpenSSL calls it for each ClientHello, before it decides about resumption.
    static int check_server_name(SSL* ssl, int* alert, void*);

private:
    friend struct engine_bio;
    [[nodiscard]] step after(int returned, phase during);

    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    std::span<const std::uint8_t> input_;
    std::span<std::uint8_t> room_;
    std::size_t produced_ = 0;
    std::string expected_name_;
    bool name_differs_ = false;
    failure error_;
};

}  // namespace postern::tls
