// HTTP/1.1 towards the client: a request out of the bytes of a connection, its response into it. The player to
// http1_request's conductor. A block is held only while bytes are in flight.
#pragma once

#include "config/settings.hpp"
#include "proxy/net/buffer.hpp"
#include "proxy/net/readiness.hpp"
#include "proxy/session/requester.hpp"
#include "proxy/wire/body.hpp"
#include "proxy/wire/forwarding.hpp"

#include <optional>
#include <string>

namespace postern::ops {
class http_clock;
}  // namespace postern::ops

namespace postern::session {

// What a worker lends to a client; must outlive it.
struct client_site {
    net::block_pool& pool;
    net::deadlines& deadlines;
    ops::http_clock& date;
};

// What goes on from one request of a connection to its next; all of it that is there while a client is silent.
struct between_requests {
    const config::server* as;  // the server whose limits and timeouts hold
    net::block received;       // by no request yet
    net::clock::time_point silent_since = net::clock::now();
    unsigned requests = 0;  // that had a head
    bool last = false;      // there will be no more

    // How long the client may be silent. Its first request has to come at once (nginx).
    [[nodiscard]] net::clock::duration patience() const;
};

class http1_client final : public requester {
public:
    // `before` must outlive it.
    http1_client(net::stream& s, client_site site, between_requests& before);

    // --- the request ---

    // Its head; `got`: how the read went that brought before.received. Failures: closed (the client has no more
    // requests), idle_timeout, client_closed, request_timeout, bad_request with refused().
    [[nodiscard]] net::task<result<void>> read_head(net::io_status got);
    [[nodiscard]] const wire::request_head& head() const { return reader_.head(); }
    [[nodiscard]] const wire::refusal& refused() const { return reader_.refused(); }
    // From the first byte of the request on.
    [[nodiscard]] net::clock::time_point began() const { return began_; }
    // The server that the request is for.
    void follow(const config::server& as) { between_.as = &as; }
    // Nobody looks at head() any more: what it points into is given back as soon as nothing else is in it.
    void release_head();
    // The request is a HEAD, whose response has no body.
    [[nodiscard]] bool is_head() const { return is_head_; }
    // A header of this request's response, whatever its status, instead of the backend's of this name.
    void set(wire::set_header header) { set_.push_back(std::move(header)); }
    // nginx's add_header: added to responses that are the resource's own answers.
    void add(std::vector<wire::set_header> headers) { added_ = std::move(headers); }

    // This request's response is the connection's last one.
    void close_after() { between_.last = true; }
    // The request has been read to its end.
    [[nodiscard]] bool request_complete() const { return body_.complete(); }
    // Leaves the connection to the next request. False: there is none, since this one's body has not been read to its end
    // or the response has said close.
    [[nodiscard]] bool next_request();

    // --- requester ---
    [[nodiscard]] body_piece body() override;
    [[nodiscard]] net::task<result<void>> body_ready() override;
    [[nodiscard]] const failure& body_failure() const override { return body_failure_; }
    [[nodiscard]] const std::vector<wire::header>& trailers() const override { return body_.trailers(); }
    void leave_body() override;
    [[nodiscard]] net::task<result<void>> send_interim(const wire::response_head& head) override;
    [[nodiscard]] net::task<result<void>> send_head(const wire::response_head& head, wire::body_length body) override;
    [[nodiscard]] net::task<result<void>> send_body(std::span<const std::uint8_t> bytes) override;
    [[nodiscard]] net::task<result<void>> end_body(const std::vector<wire::header>& trailers) override;
    [[nodiscard]] net::task<result<void>> flush() override;
    [[nodiscard]] bool gone() override { return stream_.hung_up(); }

    // --- the end ---

    // Says that no more is sent, once what was sent has left room for it. `for_good`: the socket is closed next, which
    // ends the TCP connection too. False: it could not be said.
    [[nodiscard]] net::task<bool> finish(bool for_good);
    // finish(), and then reads what the client still sends for a while, so that it reads our last response before a reset
    // destroys it (nginx's lingering_close).
    [[nodiscard]] net::task<> linger();
    // The client has sent more than its last request.
    [[nodiscard]] bool more_has_come();
    // All waits end, and read_head() and the rest fail with `why`.
    void stop(reason why);
    // Ends a wait for the first byte of a request. True: it was waiting for one.
    bool stop_if_idle(reason why);

    // Bytes that were read but belong to no request: what comes first in a tunnel.
    [[nodiscard]] net::block take_rest();
    [[nodiscard]] std::optional<unsigned> answered() const { return answered_; }  // the status that was sent
    [[nodiscard]] std::uint64_t bytes_in() const { return bytes_in_; }
    [[nodiscard]] std::uint64_t bytes_out() const { return bytes_out_; }
    [[nodiscard]] std::uint64_t body_bytes_out() const { return body_bytes_out_; }

private:
    [[nodiscard]] net::io_status read_more(net::block& into);
    [[nodiscard]] net::task<result<void>> head_ready();
    [[nodiscard]] net::task<result<void>> put(std::string_view bytes);
    [[nodiscard]] net::task<result<void>> write(std::span<const std::uint8_t> bytes);
    [[nodiscard]] failure broken(net::io_status how, phase during) const;

    net::stream& stream_;
    client_site site_;
    between_requests& between_;
    wire::request_reader reader_;
    wire::body_reader body_;
    net::block in_;       // the head, which is read where it lies, and what came with it
    net::block further_;  // what came after: in_ must stay while the head is looked at
    net::block out_;
    std::vector<wire::set_header> set_;
    std::vector<wire::set_header> added_;
    net::readiness reading_;
    net::readiness writing_;
    std::optional<reason> stopped_;
    failure body_failure_;
    net::clock::time_point began_;
    wire::body_length sending_;  // how the response's body is framed
    bool waits_for_first_byte_ = false;
    bool is_head_ = false;
    bool head_released_ = false;
    std::optional<unsigned> answered_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    std::uint64_t body_bytes_out_ = 0;
};

}  // namespace postern::session
