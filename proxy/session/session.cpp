#include "proxy/session/session.hpp"

#include "proxy/session/http1_session.hpp"
#include "proxy/session/tunnel.hpp"
#include "proxy/session/worker.hpp"

namespace postern::session {

session::session(worker& w, face_ptr face, entrance at, net::accepted_fd accepted, std::uint64_t id)
    : connection_{w,
                  std::move(face),
                  at.address,
                  at.counts,
                  network_of(accepted.client),
                  std::make_unique<net::plain_stream>(net::stream_socket(w.loop(), std::move(accepted.fd))),
                  net::clock::now(),
                  {}} {
    const auto client = upstream::address(reinterpret_cast<const sockaddr&>(accepted.client));
    auto& record = connection_.record;
    record.time = std::chrono::system_clock::now();
    record.id = id;
    record.listener = at.address.name;
    record.client_ip = client.host();
    record.client_port = client.port();
    connection_.counts.accepted.add();
}

session::~session() { connection_.counts.closed.add(); }

net::task<> session::run(std::unique_ptr<session> s) {
    co_await s->open();
    if (!s->serving_) co_return;
    s->enter(*s->serving_);
    co_await s->serving_->run();
    s->now_ = nullptr;
    s->record(s->serving_->ending());
}

net::task<> session::open() {
    opened at_once{connection_.address.default_server};
    if (!connection_.face->server(at_once.server).ssl) {
        serve(std::move(at_once));
        co_return;
    }
    opening begun(connection_);
    enter(begun);
    auto how = co_await begun.run();
    now_ = nullptr;
    how ? serve(std::move(*how)) : record(how.error(), &begun);
}

void session::serve(opened&& how) {
    if (speaks_http(connection_.face->server(how.server)))
        serving_ = std::make_unique<http1_session>(connection_, std::move(how));
    else
        serving_ = std::make_unique<tunnel>(connection_, how.server);
}

void session::enter(stage& next) {
    now_ = &next;
    if (stopped_) next.stop(*stopped_);
}

void session::stop(reason why) {
    if (stopped_) return;
    stopped_ = why;
    if (now_ != nullptr) now_->stop(why);
}

void session::drain() {
    if (now_ != nullptr) now_->drain();
}

void session::record(const failure& ending, opening* begun) {
    ops::connection_outcome outcome;
    if (serving_ && !serving_->tell(outcome)) return;
    outcome.lasted = net::clock::now() - connection_.began;
    outcome.by = ending.by;
    outcome.during = ending.during;
    outcome.why = ending.why;
    outcome.detail = ending.detail;
    connection_.counts.ended(ending.why);
    if (ended_before_handshake(outcome) && !connection_.on.may_tell(ending.why)) return;
    if (begun != nullptr) begun->tell_attempt(outcome);
    connection_.on.access().append(connection_.record, outcome);
}

}  // namespace postern::session
