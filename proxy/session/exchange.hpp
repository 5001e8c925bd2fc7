// A request and its response between a client and a peer. Two legs: the response comes down in run()'s own coroutine, a
// request body that is not here whole goes up in another, so that each can end before the other (early responses).
#pragma once

#include "proxy/net/latch.hpp"
#include "proxy/net/readiness.hpp"
#include "proxy/ops/request_record.hpp"
#include "proxy/session/exchange_plan.hpp"
#include "proxy/session/requester.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/wire/body.hpp"

#include <memory>
#include <optional>
#include <string>

namespace postern::session {

class worker;

class exchange {
public:
    exchange(worker& w, requester& client, exchange_plan plan);
    ~exchange();

    // Until the response is with the client whole, or cannot be. `answered`: it is. `switched`: the peer said 101, and
    // what follows is the caller's. Else what broke it; whether a response had begun, the client knows.
    [[nodiscard]] net::task<failure> run();
    [[nodiscard]] bool switched() const { return switched_; }

    // run() ends soon, with this reason.
    void stop(reason why);

    // After a 101: the peer's side, and what came behind its head.
    [[nodiscard]] net::stream& upstream() { return *upstream_; }
    [[nodiscard]] net::block take_rest() { return std::move(in_); }

    [[nodiscard]] const std::optional<ops::request_upstream>& record() const { return record_; }

private:
    [[nodiscard]] net::task<result<void>> connect(upstream::connector::use use);
    [[nodiscard]] net::task<failure> converse();
    [[nodiscard]] net::task<result<void>> send_request();
    void start_upload();
    [[nodiscard]] net::task<> upload();
    [[nodiscard]] net::task<failure> download();
    [[nodiscard]] net::task<result<void>> read_response_head();
    [[nodiscard]] net::task<result<void>> pass_body();
    [[nodiscard]] net::task<result<void>> more_response();
    [[nodiscard]] net::task<result<void>> response_ready();
    [[nodiscard]] net::task<result<void>> write_upstream(std::span<const std::uint8_t> bytes);
    void take_piece(std::string& to, requester::body_piece piece);
    [[nodiscard]] net::task<> end_upload();
    [[nodiscard]] bool may_repeat(const failure& ended) const;
    void keep_connection();
    [[nodiscard]] failure broken(net::io_status how) const;

    worker& worker_;
    requester& client_;
    exchange_plan plan_;
    upstream::connector* connecting_ = nullptr;
    upstream::address peer_;
    unsigned served_ = 0;  // requests before this one on the connection
    std::optional<net::plain_stream> upstream_;
    net::readiness reading_;
    net::readiness writing_;
    std::optional<reason> stopped_;

    // Down
    wire::response_reader response_;
    wire::body_reader body_;
    net::block in_;
    bool answer_begun_ = false;  // a byte of it has come
    bool switched_ = false;
    int moves_ = 0;
    net::clock::time_point sent_at_;  // the whole request, or what was here of it

    // Up
    std::uint64_t uploaded_ = 0;
    bool upload_complete_ = false;
    bool upload_over_ = false;  // nobody wants the rest
    bool uploading_ = false;    // in a coroutine of its own
    net::latch upload_ended_;
    std::optional<failure> upload_failure_;  // for which the response is not waited for

    std::optional<ops::request_upstream> record_;
};

}  // namespace postern::session
