// A client's connection that speaks HTTP/1.1, one request after another. While the client is silent there is this, and
// two coroutine frames; what a request needs comes with its first byte.
#pragma once

#include "proxy/net/readiness.hpp"
#include "proxy/session/connection.hpp"
#include "proxy/session/http1_client.hpp"
#include "proxy/session/opening.hpp"

#include <memory>
#include <optional>

namespace postern::session {

class http1_request;

class http1_session final : public service {
public:
    http1_session(connection& of, opened&& how);
    ~http1_session() override;

    [[nodiscard]] net::task<> run() override;
    void stop(reason why) override;
    // This request is the last; a connection between two requests ends at once.
    void drain() override;
    [[nodiscard]] const failure& ending() const override { return ending_; }
    [[nodiscard]] bool tell(ops::connection_outcome& o) const override;

private:
    // What has come of the next request; `would_block`: nothing.
    [[nodiscard]] net::io_status look();
    // Ends a connection on which nothing was asked any more, and why not.
    [[nodiscard]] net::task<> close(net::io_status why);

    connection& connection_;
    const std::size_t server_;  // that the handshake was made with
    const bool explain_tls_;    // every request is told that TLS is due, or redirected
    const bool trusted_;        // the client is one of trusted_proxies
    bool has_lines_ = false;
    bool waits_ = false;  // for the first byte of a request
    std::optional<reason> stopped_;
    between_requests between_;
    net::readiness reading_;
    std::unique_ptr<http1_request> request_;
    failure ending_;
};

}  // namespace postern::session
