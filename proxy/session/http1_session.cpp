#include "proxy/session/http1_session.hpp"

#include "proxy/session/closing.hpp"
#include "proxy/session/http1_request.hpp"
#include "proxy/session/worker.hpp"

#include <utility>

namespace postern::session {

using net::io_status;
using net::wait_result;

namespace {

// Of a connection on which no request has begun. What breaks it off else is told in a line as a request's end.
bool is_end(io_status s) {
    return s == io_status::end || s == io_status::truncated || s == io_status::timeout || s == io_status::stopped;
}

}  // namespace

http1_session::http1_session(connection& of, opened&& how)
    : connection_(of),
      server_(how.server),
      explain_tls_(how.explain_tls),
      trusted_(is_trusted(of.face->snapshot().settings, of.record.client_ip)),
      between_{&of.face->server(how.server), std::move(how.received)},
      reading_(of.on.deadlines()) {}

http1_session::~http1_session() = default;

net::task<> http1_session::run() {
    for (int requests = 1;; ++requests) {
        auto got = between_.received ? io_status::ok : look();
        while (got == io_status::would_block) {
            waits_ = true;
            const auto waited = co_await reading_.readable(*connection_.client, between_.patience());
            waits_ = false;
            if (waited == wait_result::ready)
                got = look();
            else
                got = waited == wait_result::stopped ? io_status::stopped : io_status::timeout;
        }
        if (is_end(got)) co_return co_await close(got);
        request_ = std::make_unique<http1_request>(connection_, between_, server_, trusted_);
        if (stopped_) request_->stop(*stopped_);
        co_await request_->run(got, explain_tls_);
        has_lines_ |= request_->has_line();
        ending_ = request_->ending();
        const bool more = request_->leaves_connection();
        request_.reset();
        if (!more) co_return;
        // Pipelined requests that are answered here need not wait for anything.
        if (requests % net::pieces_a_turn == 0) co_await net::let_others_run(connection_.on.loop());
    }
}

io_status http1_session::look() {
    auto block = connection_.on.pool().lend();
    for (;;) {
        const auto got = connection_.client->read_some(block.room());
        block.add(got.bytes);
        if (got.bytes > 0) {
            between_.received = std::move(block);
            return io_status::ok;
        }
        if (got.status != io_status::ok) return got.status;
    }
}

// Nothing was asked: there is nothing to answer and nothing to log.
net::task<> http1_session::close(io_status why) {
    switch (why) {
        case io_status::timeout: ending_ = {party::postern, phase::request, reason::idle_timeout, {}}; break;
        case io_status::stopped: ending_ = {party::postern, phase::request, *stopped_, {}}; break;
        default: ending_ = {party::client, phase::request, reason::closed, {}};
    }
    const bool told = co_await finish(*connection_.client, reading_, between_.as->send_timeout, true);
    static_cast<void>(told);
    connection_.client->close();
}

void http1_session::stop(reason why) {
    if (!stopped_) stopped_ = why;
    reading_.stop();
    if (request_) request_->stop(why);
}

void http1_session::drain() {
    between_.last = true;
    if (waits_) return stop(reason::closed);
    if (request_) request_->drain();
}

bool http1_session::tell(ops::connection_outcome&) const { return !has_lines_; }

}  // namespace postern::session
