// An exchange's leg from the client to the peer.
#include "proxy/session/exchange.hpp"
#include "proxy/session/worker.hpp"

namespace postern::session {
namespace {

using net::io_status;
using body_status = requester::body_status;

// A body that is here already travels with the head up to this size.
constexpr std::size_t gather_up_to = 16 * 1024;
std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

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
    worker_.loop().spawn(upload(), [this](const std::exception_ptr& escaped) {
        if (escaped) worker::report(escaped, plan_.connection);
        uploading_ = false;
        upload_ended_.set();
    });
}

net::task<> exchange::upload() {
    std::string framed;
    for (int moves = 1; !upload_complete_ && !upload_over_ && !upload_failure_; ++moves) {
        if (moves % net::pieces_a_turn == 0) co_await net::let_others_run(worker_.loop());
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
    if (upload_complete_) sent_at_ = net::clock::now();
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

}  // namespace postern::session
