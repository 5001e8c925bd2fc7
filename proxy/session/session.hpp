// The conductor of one accepted connection: ClientHello, choice of server, handshake, then connect and relay, or HTTP;
// close, record.
// A session is a coroutine frame: everything it holds dies with it.
#pragma once

#include "proxy/net/deadline.hpp"
#include "proxy/net/latch.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/net/socket.hpp"
#include "proxy/net/tls_stream.hpp"
#include "proxy/ops/record.hpp"
#include "proxy/session/face.hpp"
#include "proxy/session/http1_session.hpp"
#include "proxy/session/route.hpp"
#include "proxy/tls/admission.hpp"

#include <boost/intrusive/list.hpp>

#include <optional>

namespace postern::session {

class worker;

using session_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct session_tag>,
                                                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class session final : public session_hook, private net::deadline, private tls::admission::waiter {
public:
    session(worker& w, face_ptr face, const listen_address& address, net::accepted_fd accepted);
    ~session() override;

    // All of it, the access line included. Awaited once.
    [[nodiscard]] net::task<> run();

    // Ends it from outside, soon and by its ordinary path.
    void stop(reason why);
    // Takes no more requests; a tunnel goes on.
    void drain();

private:
    // The steps, in this order. Each returns a failure to end with, or what the next one needs.
    [[nodiscard]] net::task<failure> serve();
    [[nodiscard]] net::task<result<route>> read_hello();
    [[nodiscard]] net::task<result<void>> admit(const route& to);
    [[nodiscard]] net::task<result<void>> handshake(const route& to);
    [[nodiscard]] net::task<result<void>> connect(const route& to);
    [[nodiscard]] net::task<failure> relay(const route& to);
    [[nodiscard]] net::task<failure> http(net::stream& client, std::size_t server, http1_session::duty duty);
    [[nodiscard]] net::task<> close(const failure& ending);
    void record(const failure& ending);

    [[nodiscard]] net::stream& client_side();
    // Waits until a turn of the loop has room for one more step of a handshake (only after the worker has said that this
    // one has not); false when stop() or the deadline came first.
    [[nodiscard]] net::task<bool> turn_for_step();
    // Waits for the client's socket; false when stop() or the deadline came first.
    [[nodiscard]] net::task<bool> client_ready(bool to_read);
    [[nodiscard]] failure stopped_during(phase p) const;
    void send_alert(std::uint8_t description);
    // Tells the admission what the step of the handshake that was just taken has cost.
    void charge(tls::handshake_step admitted_as, net::clock::duration took);

    void expired() override;
    void admitted() override;

    worker& worker_;
    face_ptr face_;
    const listen_address& address_;
    const std::uint64_t network_;  // of the client, for limits.handshake_rate_per_address
    net::plain_stream raw_;        // the connection until the TLS stream takes its socket
    net::block hello_;             // what has come by then
    net::latch turn_;              // set when the handshake may go on
    std::optional<net::tls_stream> client_;
    std::optional<net::plain_stream> upstream_;
    upstream::connector* connecting_ = nullptr;
    net::relay* relaying_ = nullptr;
    http1_session* http_ = nullptr;
    unsigned requests_ = 0;         // that were answered over HTTP
    bool began_handshake_ = false;  // and has not ended it
    std::optional<reason> stopped_;
    net::clock::time_point began_;
    ops::connection_record record_;
    ops::connection_outcome outcome_;
};

using session_list = boost::intrusive::list<session, boost::intrusive::base_hook<session_hook>,
                                            boost::intrusive::constant_time_size<false>>;

}  // namespace postern::session
