#include "proxy/session/exchange.hpp"

#include "proxy/session/worker.hpp"

#include <algorithm>

namespace postern::session {
namespace {

using net::io_status;

// RFC 9110 section 9.2.2: doing it twice is the same as doing it once.
bool idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

}  // namespace

exchange::exchange(worker& w, requester& client, exchange_plan plan)
    : worker_(w),
      client_(client),
      plan_(std::move(plan)),
      reading_(w.deadlines()),
      writing_(w.deadlines()),
      upload_ended_(w.loop()) {}

exchange::~exchange() = default;

net::task<failure> exchange::run() {
    if (plan_.largest_body != 0 && plan_.body.bytes > plan_.largest_body)
        co_return failure{party::client, phase::exchange, reason::body_too_large, {}};
    auto use = upstream::connector::use::kept;
    for (;;) {
        auto connected = co_await connect(use);
        if (!connected) co_return connected.error();
        auto ended = co_await converse();
        if (!may_repeat(ended)) co_return ended;
        use = upstream::connector::use::fresh;
    }
}

net::task<result<void>> exchange::connect(upstream::connector::use use) {
    const auto begun = net::clock::now();
    upstream::connector connector(plan_.target, plan_.connect_timeout, use);
    connecting_ = &connector;
    auto connected = co_await connector.run();
    connecting_ = nullptr;
    record_.emplace();
    record_->name = plan_.target->name();
    if (stopped_) co_return failure{party::postern, phase::connect, *stopped_, {}};
    if (!connected) co_return connected.error();
    peer_ = connected->peer;
    served_ = connected->served;
    record_->peer = std::move(connected->peer_text);
    record_->reused = served_ > 0;
    if (served_ == 0) record_->connect = net::clock::now() - begun;
    upstream_.emplace(std::move(connected->socket));
    co_return result<void>();
}

net::task<failure> exchange::converse() {
    auto sent = co_await send_request();
    if (upload_failure_) co_return *upload_failure_;
    if (!sent) {
        // A backend that does not read on may have said why.
        if (sent.error().why != reason::upstream_reset) co_return sent.error();
        upload_over_ = true;
    }
    sent_at_ = net::clock::now();
    if (!upload_complete_ && !upload_over_) start_upload();
    auto ended = co_await download();
    co_await end_upload();
    // What broke the client's half ended the other one too.
    if (upload_failure_ && ended.why != reason::answered) co_return *upload_failure_;
    if (ended.why == reason::answered) keep_connection();
    co_return ended;
}

bool exchange::may_repeat(const failure& ended) const {
    const bool died = ended.why == reason::upstream_closed || ended.why == reason::upstream_reset;
    const bool bodiless = plan_.body.type == wire::body_length::kind::none;
    return died && served_ > 0 && !answer_begun_ && bodiless && idempotent(plan_.method) && !stopped_;
}

void exchange::keep_connection() {
    if (switched_ || !upload_complete_ || !response_.head().keep_alive || !in_.empty()) return;
    plan_.target->kept().keep({std::move(upstream_->socket()), record_->peer, served_ + 1}, peer_);
}

void exchange::stop(reason why) {
    if (!stopped_) stopped_ = why;
    if (connecting_ != nullptr) connecting_->stop(why);
    reading_.stop();
    writing_.stop();
}

failure exchange::broken(io_status how) const {
    switch (how) {
        case io_status::end:
        case io_status::truncated: return {party::upstream, phase::exchange, reason::upstream_closed, {}};
        case io_status::reset: return {party::upstream, phase::exchange, reason::upstream_reset, {}};
        case io_status::timeout: return {party::upstream, phase::exchange, reason::write_timeout, {}};
        case io_status::stopped:
            return {party::postern, phase::exchange, stopped_.value_or(reason::internal), "stopped"};
        default: return {party::upstream, phase::exchange, reason::upstream_error, upstream_->error()};
    }
}

}  // namespace postern::session
