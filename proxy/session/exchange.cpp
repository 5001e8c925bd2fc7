#include "proxy/session/exchange.hpp"

#include "proxy/session/worker.hpp"

#include <algorithm>

namespace postern::session {
namespace {

using net::io_status;
using net::wait_result;
using body_status = requester::body_status;

// A body that is here already travels with the head up to this size.
constexpr std::size_t gather_up_to = 16 * 1024;
// How often a client that waits for a slow backend is looked at.
constexpr auto client_look = std::chrono::seconds(1);
// What a backend's head may measure.
constexpr wire::head_limits response_limits{64 * 1024, 64 * 1024};

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

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
      upload_ended_(w.context().get_executor()) {}

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

// ---- up -------------------------------------------------------------------------------------------------------------

net::task<result<void>> exchange::send_request() {
    std::string first = plan_.head;
    upload_complete_ = plan_.body.type == wire::body_length::kind::none;
    while (!upload_complete_ && !upload_failure_ && first.size() < gather_up_to) {
        const auto piece = client_.body();
        if (piece.status == body_status::wait) break;
        take_piece(first, piece);
    }
    if (upload_failure_) co_return *upload_failure_;
    co_return co_await write_upstream(bytes_of(first));
}

// Appends the piece as the peer is to get it.
void exchange::take_piece(std::string& to, requester::body_piece piece) {
    const bool chunked = plan_.body.type == wire::body_length::kind::chunked;
    if (piece.status == body_status::failed) {
        upload_failure_ = client_.body_failure();
    } else if (piece.status == body_status::complete) {
        upload_complete_ = true;
        if (chunked) wire::append_last_chunk(to, client_.trailers(), plan_.set);
    } else if (plan_.largest_body != 0 && (uploaded_ += piece.bytes.size()) > plan_.largest_body) {
        upload_failure_ = {party::client, phase::exchange, reason::body_too_large, {}};
    } else {
        wire::chunk_line_room room;
        if (chunked) to += wire::chunk_line(piece.bytes.size(), room);
        to.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
        if (chunked) to += "\r\n";
    }
}

void exchange::start_upload() {
    uploading_ = true;
    net::asio::co_spawn(worker_.context(), upload(), [this](const std::exception_ptr& escaped) {
        if (escaped) worker::report(escaped);
        uploading_ = false;
        upload_ended_.set();
    });
}

net::task<> exchange::upload() {
    std::string framed;
    while (!upload_complete_ && !upload_over_ && !upload_failure_) {
        const auto piece = client_.body();
        if (piece.status == body_status::wait) {
            auto ready = co_await client_.body_ready();
            if (!ready && !upload_over_) upload_failure_ = ready.error();
            continue;
        }
        framed.clear();
        take_piece(framed, piece);
        if (upload_failure_) break;
        auto written = co_await write_upstream(bytes_of(framed));
        if (written) continue;
        upload_complete_ = false;
        // The other leg finds out whether a backend that does not read on has said why.
        if (written.error().why == reason::upstream_reset || upload_over_)
            upload_over_ = true;
        else
            upload_failure_ = written.error();
    }
    if (upload_failure_) reading_.stop();
}

net::task<> exchange::end_upload() {
    if (!uploading_) co_return;
    upload_over_ = true;
    client_.leave_body();
    writing_.stop();
    co_await upload_ended_.wait();
}

net::task<result<void>> exchange::write_upstream(std::span<const std::uint8_t> bytes) {
    const io_status wrote = co_await net::write_all(*upstream_, bytes, writing_, plan_.send_timeout);
    if (wrote != io_status::ok) co_return broken(wrote);
    co_return result<void>();
}

// ---- down -----------------------------------------------------------------------------------------------------------

net::task<failure> exchange::download() {
    for (;;) {
        auto read = co_await read_response_head();
        if (!read) co_return read.error();
        const auto& head = response_.head();
        if (head.status >= 200 || head.status == 101) break;
        auto sent = co_await client_.send_interim(head);
        if (!sent) co_return sent.error();
        in_.consume(response_.size());
        response_.reset();
    }
    const auto& head = response_.head();
    record_->status = head.status;
    if (head.status == 101 && !plan_.upgrade)
        co_return failure{party::upstream, phase::exchange, reason::bad_response, "an upgrade that was not asked for"};
    switched_ = head.status == 101;
    body_ = wire::body_reader(head.body);
    auto sent = co_await client_.send_head(head, head.body);
    if (!sent) co_return sent.error();
    in_.consume(response_.size());
    if (switched_)
        sent = co_await client_.flush();
    else
        sent = co_await pass_body();
    if (!sent) co_return sent.error();
    co_return failure{party::postern, phase::exchange, reason::answered, {}};
}

net::task<result<void>> exchange::read_response_head() {
    for (;;) {
        const auto status =
            in_ ? response_.read(in_.filled(), plan_.method, response_limits) : wire::head_status::need_more;
        if (status == wire::head_status::complete) co_return result<void>();
        if (status == wire::head_status::refused)
            co_return failure{party::upstream, phase::exchange, reason::bad_response,
                              std::string(response_.refused().why)};
        auto more = co_await more_response();
        if (!more) co_return more;
    }
}

net::task<result<void>> exchange::pass_body() {
    while (!body_.complete()) {
        const auto part = body_.next(in_.filled());
        if (!part.payload.empty()) {
            auto sent = co_await client_.send_body(part.payload);
            if (!sent) co_return sent;
        }
        in_.consume(part.consumed);
        if (body_.refused())
            co_return failure{party::upstream, phase::exchange, reason::bad_response, std::string(body_.why())};
        if (part.consumed > 0 || body_.complete()) continue;
        auto more = co_await more_response();
        if (more) continue;
        if (more.error().why != reason::upstream_closed || !body_.end_of_input()) co_return more;
        break;
    }
    co_return co_await client_.end_body(body_.trailers());
}

// Reads what has come; waits when nothing has.
net::task<result<void>> exchange::more_response() {
    // What was just asked has no answer yet: the first look would be in vain.
    bool look = answer_begun_;
    for (;;) {
        if (look) {
            net::make_room(in_, worker_.pool());
            const auto got = upstream_->read_some(in_.room());
            in_.add(got.bytes);
            if (in_.empty()) in_ = {};
            if (got.bytes > 0) {
                if (!answer_begun_) record_->first_byte = net::clock::now() - sent_at_;
                answer_begun_ = true;
                co_return result<void>();
            }
            if (got.status != io_status::would_block && got.status != io_status::ok) co_return broken(got.status);
        }
        auto ready = co_await response_ready();
        if (!ready) co_return ready;
        look = true;
    }
}

net::task<result<void>> exchange::response_ready() {
    auto flushed = co_await client_.flush();
    if (!flushed) co_return flushed;
    auto give_up = net::clock::now() + plan_.read_timeout;
    for (;;) {
        const auto left = std::max<net::clock::duration>(give_up - net::clock::now(), {});
        const auto waited = co_await reading_.readable(*upstream_, std::min<net::clock::duration>(left, client_look));
        if (waited == wait_result::ready) co_return result<void>();
        if (waited == wait_result::stopped) co_return broken(io_status::stopped);
        if (client_.gone()) co_return failure{party::client, phase::exchange, reason::client_closed, {}};
        // The time is the backend's to answer in: it begins when the whole request is there (nginx). Until then the
        // other leg's timeouts watch.
        if (uploading_ && !upload_complete_ && !upload_over_)
            give_up = net::clock::now() + plan_.read_timeout;
        else if (net::clock::now() >= give_up)
            co_return failure{party::upstream, phase::exchange, reason::read_timeout, {}};
    }
}

}  // namespace postern::session
