#include "proxy/upstream/connect.hpp"

#include "proxy/net/socket.hpp"

namespace postern::upstream {

void target::refresh() {
    const auto now = net::clock::now();
    for (const std::size_t name : group_.due(now)) {
        ++outstanding_;
        // The answer comes on the resolver's thread, perhaps after this target and its worker's settings have gone.
        site_.names.resolve(group_.name(name), [weak = weak_from_this(), name, &loop = site_.loop](answer a) {
            loop.post([weak, name, a = std::move(a)] {
                if (const auto self = weak.lock()) self->take(name, a);
            });
        });
    }
}

void target::take(std::size_t name, const answer& a) {
    --outstanding_;
    group_.resolved(name, a, net::clock::now());
    last_error_ = a.error;
    wake();
}

void target::wake() {
    news_.set();
    news_.reset();
}

connector::connector(std::shared_ptr<target> to, net::clock::duration timeout, use u)
    : target_(std::move(to)), timeout_(timeout), use_(u) {}

net::task<result<connected>> connector::run() {
    failure last{party::upstream, phase::connect, reason::connect_failed, "no peer"};
    target_->refresh();
    arm(target_->where().loop.all_deadlines(), timeout_);
    while (target_->peers().empty() && target_->resolving() && !timed_out_ && !stopped_) co_await target_->answered();
    if (target_->peers().empty() && !stopped_) {
        last = {party::upstream, phase::connect, reason::resolve_failed, target_->last_error()};
        if (auto* count = target_->unresolved()) count->add();
    }
    attempt tried(target_->peers());
    while (!stopped_) {
        const auto begun = net::clock::now();
        auto peer = tried.next(begun);
        if (!peer) break;
        auto* counts = target_->counts_of(*peer);
        if (use_ == use::kept)
            if (auto kept = target_->kept().take(peer->addr)) {
                disarm();
                if (counts != nullptr) counts->requests.add();
                co_return connected{std::move(kept->socket), peer->addr, std::move(kept->peer_text), kept->served};
            }
        auto connected = co_await try_peer(peer->addr);
        const auto now = net::clock::now();
        if (connected) {
            if (counts != nullptr) {
                counts->reached(now - begun, now);
                counts->requests.add();
            }
            target_->peers().report_success(*peer);
            disarm();
            co_return connected;
        }
        last = connected.error();
        if (counts != nullptr && !stopped_) counts->failed(last, now);
        // Our own want of descriptors or ports says nothing about the peer.
        if (last.by == party::upstream) target_->peers().report_failure(*peer, now);
    }
    disarm();
    if (stopped_) last = {party::postern, phase::connect, stop_reason_, {}};
    co_return last;
}

net::task<result<connected>> connector::try_peer(const address& peer) {
    auto begun = net::begin_connect(peer.data(), peer.size());
    if (!begun) co_return explain(begun.error(), peer);
    net::stream_socket socket(target_->where().loop, std::move(*begun));
    timed_out_ = false;
    trying_ = &socket;
    arm(target_->where().loop.all_deadlines(), timeout_);
    co_await socket.async_wait(net::direction::write, net::as_result);
    trying_ = nullptr;
    if (stopped_ || timed_out_)
        co_return failure{party::upstream, phase::connect, reason::connect_timeout, peer.text()};
    // A connect that failed hangs up.
    if (socket.hung_up())
        if (const auto error = net::connect_result(socket.native_handle())) co_return explain(error, peer);
    co_return connected{std::move(socket), peer, peer.text(), 0};
}

failure connector::explain(net::error_code error, const address& peer) {
    failure f{party::upstream, phase::connect, reason::connect_failed, peer.text() + ": " + error.message()};
    switch (error.value()) {
        case ECONNREFUSED:
        case ENOENT: f.why = reason::connect_refused; break;
        case ETIMEDOUT: f.why = reason::connect_timeout; break;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
        case EADDRNOTAVAIL: f.by = party::postern; break;
        default: break;
    }
    return f;
}

void connector::expired() {
    timed_out_ = true;
    interrupt();
}

void connector::stop(reason why) {
    stopped_ = true;
    stop_reason_ = why;
    interrupt();
}

void connector::interrupt() {
    if (trying_ != nullptr) trying_->cancel();
    target_->wake();
}

}  // namespace postern::upstream
