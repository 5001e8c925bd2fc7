// One server-side TLS connection as bytes in, bytes out: OpenSSL over a BIO of our own. No system call happens inside.
//
// The caller feeds ciphertext, lends room for output, and takes a step:
//
//     engine e(context);
//     e.feed(received);                  // stays the caller's memory; must outlive the steps that consume it
//     e.lend(room);                      // likewise
//     switch (e.handshake()) { ... }     // then send room.first(e.produced())
//
// The input is read in place, and may be decrypted in place: what a step leaves in unread() must be fed again, as it is
// then, with what has come since behind it.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/tls/alert.hpp"
#include "proxy/tls/handshake.hpp"
#include "proxy/tls/record_count.hpp"
#include "proxy/tls/record_layer.hpp"
#include "proxy/tls/step.hpp"
#include "proxy/tls/tls13_handshake.hpp"
#include "proxy/tls/traffic_secrets.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace postern::tls {

class engine {
public:
    // `context` comes from certs::make_context with judge_hello as its client_hello callback, and outlives the engine.
    // Where the context allows for it, a whole ClientHello in the first step may be answered without OpenSSL's object
    // (tls13_handshake.hpp).
    // `expected_name`: the folded SNI that chose the context; OpenSSL must read the same one, or the handshake fails with
    // sni_mismatch. Throws nothing; a connection for which there is no memory fails at its first step.
    engine(SSL_CTX* context, std::string expected_name);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    void feed(std::span<std::uint8_t> ciphertext) { with_.input = ciphertext; }
    [[nodiscard]] std::span<const std::uint8_t> unread() const { return with_.input; }

    void lend(std::span<std::uint8_t> room);
    [[nodiscard]] std::size_t produced() const { return with_.produced; }

    [[nodiscard]] step handshake();
    // The last step of the handshake has asked the client for another hello.
    [[nodiscard]] bool asked_again() const { return asked_again_; }
    // What the step that ended the handshake has produced is a ticket at most (TLS 1.3), which no client waits for.
    // There, if the keys are of our schedule, record_layer goes on from here.
    [[nodiscard]] bool ends_with_tickets() const;
    // `done` means that `into` is full; there may be more.
    [[nodiscard]] moved read(std::span<std::uint8_t> into);
    // Nothing but more ciphertext than `input` can make the next read() yield anything.
    [[nodiscard]] bool starved(std::span<const std::uint8_t> input) const;
    // Encrypts as much as the room lent holds. `want_output` with bytes < from.size(): call again with the rest.
    [[nodiscard]] moved write(std::span<const std::uint8_t> from);
    // Our close_notify: no write may follow; reads may.
    [[nodiscard]] step close();

    // Nothing will be read for a while. Where record_layer goes on, the engine lets go of OpenSSL's object, which is most
    // of what a silent connection would hold; so it does when data is read or written.
    void fell_silent();
    [[nodiscard]] bool handed_over() const { return records_ != nullptr; }

    // The handshake is, or until the first read or write after it was, done without OpenSSL's object.
    [[nodiscard]] bool did_without_openssl() const { return begun_ && !ssl_; }

    // The session goes on from an earlier one; known from the first step on that has answered the ClientHello.
    [[nodiscard]] bool resumed() const;
    // What the handshake agreed on; to be asked between its end and whatever is done next.
    [[nodiscard]] facts agreed(more_facts more = {}) const;
    // Of a handshake that has not come to its end: the alert that was last sent or received, and the certificate that the
    // client has shown (null: none).
    [[nodiscard]] std::optional<alert> last_alert() const { return own_ ? own_->last_alert() : last_alert_; }
    [[nodiscard]] std::unique_ptr<const certs::client_certificate> shown() const;
    // Why the last step failed.
    [[nodiscard]] const failure& error() const { return records_ ? records_->error() : error_; }

    // certs::context_plan::client_hello: OpenSSL calls it for each ClientHello, before it decides about resumption.
    static int judge_hello(SSL* ssl, int* alert, void*);

private:
    void make_openssl();
    [[nodiscard]] step handshake_without_openssl();
    [[nodiscard]] step after(int returned, phase during);
    // OpenSSL's message callback: nothing else tells which alert it sends, nor when it has decided about a ticket.
    static void note_message(int ours, int version, int type, const void* bytes, std::size_t size, SSL* ssl,
                             void* self);

    void prepare_hand_over();
    void hand_over();
    void give_ticket();
    [[nodiscard]] std::size_t largest_record() const;
    void free_handshake();

    SSL_CTX* context_;
    bool begun_ = false;
    std::unique_ptr<tls13_handshake> own_;  // in OpenSSL's place
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    buffers with_;
    std::string expected_name_;
    bool name_differs_ = false;
    bool client_resumes_ = false;  // it takes tickets, for handshakes with a key exchange
    // What its last hello offers, to whom it answers:
    bool offers_ticket_ = false;  // TLS 1.2
    bool offers_key_ = false;     // TLS 1.3
    bool failed_ = false;
    bool asked_again_ = false;
    std::optional<alert> last_alert_;
    failure error_;
    // What a hand-over needs to know; null when it cannot be, or has been.
    struct handover {
        traffic_secrets secrets;
        record_count sealed;                  // our records, from our Finished on of those behind it
        const cipher_suite* suite = nullptr;  // known from our Finished on
        bool ticket_is_ours = false;          // not libssl's to make
    };
    std::unique_ptr<handover> handover_;
    std::unique_ptr<record_layer> records_;
};

}  // namespace postern::tls
