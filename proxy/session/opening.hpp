// How a TLS connection begins: ClientHello, choice of server, a turn, the handshake.
#pragma once

#include "proxy/net/deadline.hpp"
#include "proxy/net/latch.hpp"
#include "proxy/session/connection.hpp"
#include "proxy/session/route.hpp"
#include "proxy/tls/admission.hpp"
#include "proxy/tls/alert.hpp"
#include "proxy/tls/offered_protocols.hpp"

#include <cstddef>
#include <optional>

namespace postern::net {
class tls_stream;
}  // namespace postern::net

namespace postern::session {

struct opened {
    std::size_t server;        // index into settings.servers
    bool explain_tls = false;  // the client speaks plain HTTP where TLS is due, and is to be told so
    net::block received = {};  // what has been read of it
};

[[nodiscard]] bool speaks_http(const config::server& s);

class opening final : public stage, private net::deadline, private tls::admission::waiter {
public:
    explicit opening(connection& of);
    ~opening() override;

    // Until the handshake is done; the connection's client is a TLS stream then. After a failure the socket is closed,
    // and the client has been told what is to be told. Awaited once.
    [[nodiscard]] net::task<result<opened>> run();
    // After a failure: what was tried, for the access line, and into the connection's record what else is told of it.
    // Takes some work, so only for lines that are written. Views point into this object.
    void tell_attempt(ops::connection_outcome& o);
    void stop(reason why) override;

private:
    // The steps, in this order. Each returns a failure to end with, or what the next one needs.
    [[nodiscard]] net::task<result<route>> read_hello();
    [[nodiscard]] net::task<result<void>> admit(const route& to);
    [[nodiscard]] net::task<result<void>> handshake(const route& to);
    void close(const failure& why);
    void send_alert(std::uint8_t description);

    // Waits until a turn of the loop has room for one more step of a handshake (only after the worker has said that this
    // one has not); false when stop() or the deadline came first.
    [[nodiscard]] net::task<bool> turn_for_step();
    // Waits for the client's socket; false when stop() or the deadline came first.
    [[nodiscard]] net::task<bool> client_ready(bool to_read);
    [[nodiscard]] failure stopped_during(phase p) const;
    // Begins TLS where the plain stream has left off.
    [[nodiscard]] net::tls_stream& begin_tls(SSL_CTX* context, const route& to);
    // Tells the admission what the step of the handshake that was just taken has cost: it was `step`, however it was
    // admitted. Returns what the next one will be.
    [[nodiscard]] tls::handshake_step charge(tls::handshake_step admitted_as, tls::handshake_step step,
                                             const net::tls_stream& client, net::clock::duration took);

    void expired() override;
    void admitted() override;

    connection& connection_;
    worker& worker_;
    face& face_;
    net::block hello_;                // what has come before there was a TLS stream
    net::tls_stream* tls_ = nullptr;  // the connection's client, from then on
    tls::offered_protocols offered_alpn_;
    std::optional<tls::alert> alert_;  // sent without a TLS stream
    net::latch turn_;                  // set when the handshake may go on
    bool under_way_ = false;
    std::optional<reason> stopped_;
};

}  // namespace postern::session
