// The client's side of one request, whatever protocol it came by: HTTP/1.1 on a connection of its own now, a stream of
// HTTP/2 later. An exchange takes the request's body from it and gives it the response.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/net/net.hpp"
#include "proxy/wire/head.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace postern::session {

class requester {
public:
    virtual ~requester() = default;

    enum class body_status : std::uint8_t {
        piece,     // some bytes of it
        wait,      // none are here: body_ready() tells when
        complete,  // there are no more
        failed,    // see body_failure()
    };
    struct body_piece {
        body_status status;
        std::span<const std::uint8_t> bytes = {};  // good until the next call
    };
    // The request's body, piece by piece, without its framing. Never waits.
    [[nodiscard]] virtual body_piece body() = 0;
    // Until there may be more of the body, for at most client_body_timeout.
    [[nodiscard]] virtual net::task<result<void>> body_ready() = 0;
    [[nodiscard]] virtual const failure& body_failure() const = 0;
    [[nodiscard]] virtual const std::vector<wire::header>& trailers() const = 0;
    // Nobody waits for the body any longer: body_ready() returns.
    virtual void leave_body() = 0;

    // Sends a 1xx at once.
    [[nodiscard]] virtual net::task<result<void>> send_interim(const wire::response_head& head) = 0;
    // The final head, then its body in pieces, then its end. What is small is gathered until flush(), which a caller
    // calls before it waits for more to send. `body`: as the backend framed it; it may have to be framed otherwise.
    [[nodiscard]] virtual net::task<result<void>> send_head(const wire::response_head& head,
                                                            wire::body_length body) = 0;
    [[nodiscard]] virtual net::task<result<void>> send_body(std::span<const std::uint8_t> bytes) = 0;
    [[nodiscard]] virtual net::task<result<void>> end_body(const std::vector<wire::header>& trailers) = 0;
    [[nodiscard]] virtual net::task<result<void>> flush() = 0;

    // The client has hung up: nobody will read the response.
    [[nodiscard]] virtual bool gone() = 0;
};

}  // namespace postern::session
