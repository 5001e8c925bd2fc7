// A server's handshake of TLS 1.3 (RFC 8446) without libssl, for clients that need nothing special; others are libssl's.
// What libssl would do for such a client in some hundred thousand instructions beside the mathematics, this does in a few.
// The mathematics are libcrypto's.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/tls/alert.hpp"
#include "proxy/tls/handshake.hpp"
#include "proxy/tls/record_key.hpp"
#include "proxy/tls/record_layer.hpp"
#include "proxy/tls/step.hpp"
#include "proxy/tls/tls13_choice.hpp"
#include "proxy/tls/tls13_keys.hpp"

#include <array>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::tls {

class tls13_handshake {
public:
    // Reads the ClientHello at the input's front, which chose `context` by the name `expected`, and has the answer ready.
    // Null: nothing has been consumed or said, and the handshake is libssl's to do.
    [[nodiscard]] static std::unique_ptr<tls13_handshake> begin(SSL_CTX* context, std::string_view expected,
                                                                buffers& with);

    // As tls::engine's handshake.
    [[nodiscard]] step go_on(buffers& with);
    // After go_on() was done, once: who goes on, and has said the client's ticket where there is one to give. Null when
    // there is no memory.
    [[nodiscard]] std::unique_ptr<record_layer> take_records(buffers& with);

    [[nodiscard]] bool resumed() const { return resumed_; }
    [[nodiscard]] facts agreed() const;
    [[nodiscard]] const failure& error() const { return error_; }
    // The one that was sent or received last.
    [[nodiscard]] std::optional<alert> last_alert() const { return alert_; }

private:
    tls13_handshake(const tls13_terms& terms, const tls13_choice& choice);

    enum class state : std::uint8_t {
        saying,     // our flight is not all said
        listening,  // for the client's Finished
        done,
        failed,
    };

    // Each is false when libssl has to do it after all.
    [[nodiscard]] bool resume(const client_hello& hello, const offered_key& with);
    [[nodiscard]] bool answer(const client_hello& hello, const tls13_choice& choice);
    [[nodiscard]] bool show_certificate(const tls13_choice& choice, std::vector<std::uint8_t>& to);
    [[nodiscard]] bool seal(std::span<const std::uint8_t> messages);

    void say(buffers& with);
    void hear(buffers& with);
    void hear_in_the_clear(std::span<const std::uint8_t> record, buffers& with);
    void hear_record(std::span<std::uint8_t> record, buffers& with);
    void hear_finished(std::span<const std::uint8_t> part, buffers& with);
    void alerted(std::span<const std::uint8_t> alert, buffers& with);
    void give_ticket(record_layer& by, const traffic_secrets& secrets, buffers& with) const;
    void fail(std::uint8_t alert, reason why, const char* detail, buffers& with);

    const tls13_terms& terms_;
    const cipher_suite& suite_;
    transcript messages_;
    tls13_keys keys_;
    std::optional<record_key> open_;  // of the handshake
    std::vector<std::uint8_t> flight_;
    std::size_t said_ = 0;             // of the flight
    std::vector<std::uint8_t> heard_;  // of the client's Finished
    std::array<std::uint8_t, 48> expected_{};
    std::string alpn_;
    std::time_t first_ = 0;  // when the chain of resumptions began; 0: now
    std::uint8_t without_message_ = 0;
    bool takes_tickets_;
    bool resumed_ = false;
    state now_ = state::saying;
    failure error_;
    std::optional<alert> alert_;
};

}  // namespace postern::tls
