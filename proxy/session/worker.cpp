#include "proxy/session/worker.hpp"

#include "proxy/ops/log.hpp"
#include "proxy/tls/key_offer.hpp"
#include "proxy/tls/method_cache.hpp"
#include "proxy/wire/mix.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace postern::session {
namespace {

constexpr auto hand_over_interval = std::chrono::milliseconds(200);
// Of what there was no line for.
constexpr std::string_view failed = "failed handshakes";
constexpr std::string_view left = "connections that ended before a handshake";

}  // namespace

worker::worker(unsigned index, shared_state& shared, upstream::resolver& resolver, ops::access_log& log)
    : index_(index),
      shared_(shared),
      counts_(shared.counts.add_worker()),
      resolver_(resolver),
      access_(log),
      id_state_(std::random_device{}() | std::uint64_t{std::random_device{}()} << 32),
      lines_(*this) {
    const auto keys = tls::offer_key_schedule(library_);
    if (keys.broken && index_ == 0)
        ops::log::warning("the keys of TLS 1.3 are derived by OpenSSL, which costs more: {}", keys.why);
}

worker::~worker() {
    if (thread_.joinable()) thread_.join();
}

void worker::start(std::function<void()> on_exit) {
    on_exit_ = std::move(on_exit);
    thread_ = std::thread([this] { run(); });
}

void worker::run() {
    ::pthread_setname_np(::pthread_self(), ("worker-" + std::to_string(index_)).c_str());
    const tls::method_cache methods;
    loop_.run();
    access_.hand_over();
    tell_left_out(failure_lines_.left_out_at_the_end(), failed);
    tell_left_out(leaving_lines_.left_out_at_the_end(), left);
    on_exit_();
}

void worker::adopt(std::shared_ptr<const snapshot> next, std::vector<bound_socket> fresh, std::function<void()> done) {
    // std::function must be copyable, and sockets are not: they travel in a shared_ptr.
    auto sockets = std::make_shared<std::vector<bound_socket>>(std::move(fresh));
    loop_.post([this, next = std::move(next), sockets, done = std::move(done)]() mutable {
        adopt_here(std::move(next), std::move(*sockets));
        done();
    });
}

void worker::adopt_here(std::shared_ptr<const snapshot> next, std::vector<bound_socket> fresh) {
    staples_.adopt(next->staples);
    face_.reset(new face(next, library_, staples_, {loop_, resolver_}, counts_, face_.get()));
    const auto& limits = next->settings.limits;
    admission_.limit_to({limits.handshakes_in_flight, limits.handshakes_waiting});
    let_in_later();
    for (auto l = listeners_.begin(); l != listeners_.end();) {
        if (const auto* address = next->find(l->endpoint())) {
            (l++)->move_to(face_, *address);
        } else {
            l->drain();
            l = listeners_.erase(l);
        }
    }
    for (auto& socket : fresh) {
        const auto& address = *next->find(socket.endpoint);
        listeners_.emplace_back(*this, std::move(socket.fd), face_, address, counts_.listener(address.name));
        listeners_.back().start();
    }
}

void worker::use(std::shared_ptr<const snapshot> of, ticket_key_sets keys) {
    loop_.post([this, of = std::move(of), keys = std::move(keys)]() mutable {
        if (face_ && &face_->snapshot() == of.get()) face_->use(std::move(keys));
    });
}

void worker::staple(std::string id, certs::staple_ptr fresh) {
    loop_.post([this, id = std::move(id), fresh = std::move(fresh)] { staples_.put(id, fresh); });
}

void worker::drain() {
    loop_.post([this] {
        drain_here();
        for (auto next = sessions_.begin(); next != sessions_.end();) (next++)->drain();
    });
}

void worker::drain_here() {
    draining_ = true;
    for (auto& l : listeners_) l.drain();
    listeners_.clear();
    leave_when_empty();
}

void worker::stop(reason why) {
    loop_.post([this, why] {
        drain_here();
        for (auto next = sessions_.begin(); next != sessions_.end();) (next++)->stop(why);
    });
}

// SplitMix64: every state gives another number, in no order that shows.
std::uint64_t worker::next_id() {
    id_state_ += 0x9e3779b97f4a7c15;
    return wire::mixed(id_state_);
}

bool worker::reserve_connection() {
    const auto limit = face_->snapshot().settings.limits.connections;
    if (shared_.connections.fetch_add(1, std::memory_order_relaxed) < limit) return true;
    release_connection();
    return false;
}

bool worker::may_step(tls::admission::waiter& w, tls::handshake_step s) {
    if (admission_.enter(w, s, loop_.turns())) return true;
    let_in_later();
    return false;
}

void worker::handshake_over() {
    admission_.leave();
    let_in_later();
}

void worker::let_in_later() {
    if (!admission_.anyone_may_go() || std::exchange(letting_in_, true)) return;
    const auto then = [this](net::error_code) { let_in(); };
    loop_.later(net::completion::of(then));
}

void worker::let_in() {
    // One after the other within the turn, each when the one before it has taken its step and its cost is known.
    if (admission_.let_one_in(loop_.turns())) {
        const auto next = [this](net::error_code) { let_in(); };
        return loop_.soon(net::completion::of(next));
    }
    letting_in_ = false;
    if (!admission_.crowded())
        for (auto& l : listeners_) l.crowd_is_over();
    let_in_later();
}

void worker::release_connection() { shared_.connections.fetch_sub(1, std::memory_order_relaxed); }

void worker::serve(face_ptr face, entrance at, net::accepted_fd accepted) {
    ++session_count_;
    if (!lines_.armed()) lines_.arm(deadlines(), hand_over_interval);
    const auto id = next_id();
    const auto over = [this, id](const std::exception_ptr& escaped) {
        if (escaped) report(escaped, id);
        release_connection();
        --session_count_;
        leave_when_empty();
    };
    try {
        auto made = std::make_unique<session>(*this, std::move(face), at, std::move(accepted), id);
        sessions_.push_back(*made);
        loop_.spawn(session::run(std::move(made)), over);
    } catch (...) {
        over(std::current_exception());
    }
}

// No path that traffic can reach throws; what escapes all the same costs one connection, not the daemon.
void worker::report(const std::exception_ptr& escaped, std::uint64_t connection) {
    try {
        std::rethrow_exception(escaped);
    } catch (const std::exception& e) {
        ops::log::error("connection {:016x} ended by an exception, which is a bug or no memory: {}", connection,
                        e.what());
    }
}

bool worker::may_tell(reason why) {
    if (access_.off()) return false;
    auto& budget = fails_handshake(why) ? failure_lines_ : leaving_lines_;
    return budget.take(net::clock::now(), face_->snapshot().settings.log.handshake_failures_per_second);
}

void worker::tell_left_out(std::uint64_t lines, std::string_view of) const {
    if (lines > 0)
        ops::log::info("worker {}: {} {} without an access line: more came than log.handshake_failures_per_second",
                       index_, lines, of);
}

void worker::leave_when_empty() {
    if (!draining_ || session_count_ > 0) return;
    lines_.disarm();
    loop_.leave();
}

void worker::line_sweep::expired() {
    worker_.access_.hand_over();
    worker_.counts_.handshakes_in_flight.set(worker_.admission_.in_flight());
    worker_.counts_.handshakes_waiting.set(worker_.admission_.waiting());
    auto& failures = worker_.failure_lines_;
    auto& leaving = worker_.leaving_lines_;
    const auto now = net::clock::now();
    worker_.tell_left_out(failures.left_out(now), failed);
    worker_.tell_left_out(leaving.left_out(now), left);
    const bool more_to_come = worker_.session_count_ > 0 || failures.has_more_to_tell() || leaving.has_more_to_tell();
    if (more_to_come) arm(worker_.deadlines(), hand_over_interval);
}

}  // namespace postern::session
