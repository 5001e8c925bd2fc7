// The conductor of one HTTP/1.1 request: to the server that its Host means and the location that its path does, with one
// access line.
#pragma once

#include "proxy/net/relay.hpp"
#include "proxy/ops/request_record.hpp"
#include "proxy/session/connection.hpp"
#include "proxy/session/exchange.hpp"
#include "proxy/session/http1_client.hpp"
#include "proxy/session/location.hpp"
#include "proxy/session/reply.hpp"
#include "proxy/session/variables.hpp"

#include <optional>
#include <string>

namespace postern::session {

[[nodiscard]] bool is_trusted(const config::settings& all, std::string_view ip);

class http1_request {
public:
    // `server`: the one that the handshake was made with, or the address's default. `trusted`: the client is one of
    // trusted_proxies. `before` and the connection must outlive it.
    http1_request(connection& of, between_requests& before, std::size_t server, bool trusted);

    // From its first bytes (`got`: see http1_client::read_head) to its access line. Has closed the connection unless
    // leaves_connection(). Awaited once.
    [[nodiscard]] net::task<> run(net::io_status got, bool explain_tls);

    // Ends it from outside, soon.
    void stop(reason why);
    // It is the connection's last one, and ends at once if nothing of it has come.
    void drain();

    // Afterwards: `answered`, or why it was not.
    [[nodiscard]] const failure& ending() const { return ending_; }
    // There may be another one on the connection.
    [[nodiscard]] bool leaves_connection() const { return leaves_connection_; }
    [[nodiscard]] bool has_line() const { return has_line_; }

private:
    [[nodiscard]] net::task<failure> answer(net::io_status got, bool explain_tls);
    [[nodiscard]] net::task<failure> serve();
    [[nodiscard]] net::task<failure> by_server(std::size_t index, const variable_source& from);
    [[nodiscard]] net::task<failure> proxy(std::size_t index, const config::location* at, const variable_source& from);
    [[nodiscard]] net::task<failure> tunnel(exchange& e, const config::server& server);
    [[nodiscard]] net::task<failure> give(const config::answer& a, const variable_source& from);
    [[nodiscard]] net::task<failure> explain_plain_http();
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
    ops::listener_counts& counts_;
    const std::size_t server_;
    const bool trusted_;
    http1_client client_;
    exchange* exchange_ = nullptr;
    net::relay* relaying_ = nullptr;
    std::optional<reason> stopped_;
    failure ending_;
    bool whole_ = false;   // the client has all of the response
    bool closed_ = false;  // a tunnel has been, and both its sides are closed
    bool leaves_connection_ = false;
    bool has_line_ = false;
    const std::string port_;  // that the client has connected to
    std::string path_;        // normalized
    ops::request_record record_;
};

}  // namespace postern::session
