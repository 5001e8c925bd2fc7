// The conductor of a client's connection that speaks HTTP/1.1: one request after another, each to the server that its
// Host means and the location that its path does, each with one access line.
#pragma once

#include "proxy/net/relay.hpp"
#include "proxy/ops/request_record.hpp"
#include "proxy/session/exchange.hpp"
#include "proxy/session/face.hpp"
#include "proxy/session/http1_client.hpp"
#include "proxy/session/location.hpp"
#include "proxy/session/reply.hpp"
#include "proxy/session/variables.hpp"

#include <optional>
#include <string>

namespace postern::session {

class worker;

class http1_session {
public:
    enum class duty : std::uint8_t {
        serve,
        explain_tls,  // plain HTTP on a TLS port: every request is told so, or redirected
    };

    // `connection`: what is known of it, for logs and variables. `server`: the one that the handshake was made with, or
    // the address's default. `received`: bytes read from `client` already. All must outlive the session.
    http1_session(worker& w, face& f, const listen_address& address, net::stream& client,
                  const ops::connection_record& connection, std::size_t server, net::block&& received, duty d);

    // All requests of the connection; has closed it when it returns.
    [[nodiscard]] net::task<failure> run();

    // Ends it from outside, soon.
    void stop(reason why);
    // This request is the last; a connection between two requests ends at once.
    void drain();

    // Requests that have an access line.
    [[nodiscard]] unsigned answered() const { return answered_; }

private:
    // From reading a request to its access line. `answered`, or why it was not.
    [[nodiscard]] net::task<failure> answer();
    [[nodiscard]] net::task<failure> serve_request();
    [[nodiscard]] net::task<failure> by_server(std::size_t index, const variable_source& from);
    [[nodiscard]] net::task<failure> proxy(std::size_t index, const config::location* at, const variable_source& from);
    [[nodiscard]] net::task<failure> tunnel(exchange& e, const config::server& server);
    [[nodiscard]] net::task<failure> give(const config::answer& a, const variable_source& from);
    [[nodiscard]] net::task<failure> explain_tls();
    [[nodiscard]] net::task<failure> send_to_https(std::string_view port);
    [[nodiscard]] net::task<failure> send(const reply& r);
    // Tells the client of the failure where that can be done, and returns it.
    [[nodiscard]] net::task<failure> refuse(const failure& f, unsigned status);
    [[nodiscard]] net::task<> close(const failure& ended);

    void begin_record();
    void record(const failure& ended);
    [[nodiscard]] wire::request_context context(const config::server& server);

    worker& worker_;
    face& face_;
    const listen_address& address_;
    net::stream& stream_;
    const ops::connection_record& connection_;
    std::size_t server_;
    duty duty_;
    http1_client client_;
    exchange* exchange_ = nullptr;
    net::relay* relaying_ = nullptr;
    std::optional<reason> stopped_;
    unsigned answered_ = 0;
    bool whole_ = false;   // the client has all of this request's response
    bool closed_ = false;  // a tunnel has been, and both its sides are closed
    bool trusted_;         // the client is one of trusted_proxies
    std::string port_;     // that the client has connected to
    std::string path_;     // of this request, normalized
    ops::request_record record_;
};

}  // namespace postern::session
