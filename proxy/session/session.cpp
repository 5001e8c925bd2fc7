#include "proxy/session/session.hpp"

#include "proxy/session/closing.hpp"
#include "proxy/session/worker.hpp"

#include <arpa/inet.h>

#include <vector>

namespace postern::session {
namespace {

constexpr std::uint8_t alert_unrecognized_name = 112;
constexpr std::uint8_t alert_decode_error = 50;
constexpr std::uint8_t alert_internal_error = 80;

failure client_broke_off(net::io_status how, phase during, std::string detail) {
    switch (how) {
        case net::io_status::end:
        case net::io_status::truncated: return {party::client, during, reason::peer_closed, {}};
        case net::io_status::reset: return {party::client, during, reason::client_reset, {}};
        default: return {party::client, during, reason::client_error, std::move(detail)};
    }
}

bool speaks_http(const config::server& s) { return s.proxy_pass.type != config::destination::kind::tcp; }

}  // namespace

session::session(worker& w, face_ptr face, const listen_address& address, net::accepted_fd accepted)
    : worker_(w),
      face_(std::move(face)),
      address_(address),
      network_(network_of(accepted.client)),
      raw_(net::stream_socket(w.loop(), std::move(accepted.fd))),
      turn_(w.loop()),
      began_(net::clock::now()) {
    const auto client = upstream::address(reinterpret_cast<const sockaddr&>(accepted.client));
    record_.time = std::chrono::system_clock::now();
    record_.id = w.next_id();
    record_.listener = address_.name;
    record_.client_ip = client.host();
    record_.client_port = client.port();
}

session::~session() {
    if (began_handshake_) worker_.handshake_over();
}

net::task<> session::run() {
    const failure ending = co_await serve();
    disarm();
    co_await close(ending);
    record(ending);
}

net::task<failure> session::serve() {
    const std::size_t server = address_.default_server;
    if (!face_->server(server).ssl) co_return co_await http(raw_, server, http1_session::duty::serve);
    arm(worker_.deadlines(), face_->snapshot().settings.limits.handshake_timeout);
    auto to = co_await read_hello();
    if (!to) {
        const bool explain = to.error().why == reason::plain_http && speaks_http(face_->server(server));
        if (!explain) co_return to.error();
        disarm();
        co_return co_await http(raw_, server, http1_session::duty::explain_tls);
    }
    auto turn = co_await admit(*to);
    if (!turn) co_return turn.error();
    auto shaken = co_await handshake(*to);
    if (!shaken) co_return shaken.error();
    disarm();
    if (speaks_http(face_->server(to->server)))
        co_return co_await http(*client_, to->server, http1_session::duty::serve);
    auto connected = co_await connect(*to);
    if (!connected) co_return connected.error();
    co_return co_await relay(*to);
}

net::task<failure> session::http(net::stream& client, std::size_t server, http1_session::duty duty) {
    http1_session http(worker_, *face_, address_, client, record_, server, std::move(hello_), duty);
    http_ = &http;
    if (stopped_) http.stop(*stopped_);
    auto ending = co_await http.run();
    http_ = nullptr;
    requests_ = http.answered();
    co_return ending;
}

net::task<result<route>> session::read_hello() {
    for (;;) {
        if (!hello_) hello_ = worker_.pool().lend();
        // A block holds more than the longest ClientHello that is accepted.
        const auto got = raw_.read_some(hello_.room());
        hello_.add(got.bytes);
        if (got.status == net::io_status::would_block) {
            // A client that has not said anything yet shall not hold a block.
            if (hello_.empty()) hello_ = {};
            if (!co_await client_ready(true)) co_return stopped_during(phase::hello);
            continue;
        }
        if (got.status != net::io_status::ok) {
            auto gone = client_broke_off(got.status, phase::hello, raw_.error());
            if (hello_.empty() && gone.why == reason::peer_closed) gone.why = reason::client_gone;
            co_return gone;
        }
        const auto read = tls::read_client_hello(hello_.filled());
        if (read.status == tls::hello_status::need_more) continue;
        if (read.status == tls::hello_status::refused) co_return failure{party::client, phase::hello, read.why, {}};
        record_.sni = read.hello.server_name;
        auto to = choose(face_->snapshot(), address_, read.hello.server_name);
        if (to) to->begins = first_step(face_->snapshot(), to->server, read.hello);
        co_return to;
    }
}

net::task<result<void>> session::admit(const route& to) {
    const auto& limits = face_->snapshot().settings.limits;
    if (const auto over = worker_.rates().exceeded(limits, network_, net::clock::now()))
        co_return failure{party::client, phase::hello, *over, {}};
    if (!worker_.may_step(*this, to.begins)) {
        // As many bytes as it has, in place of a block. Real clients send less than half of what it may have.
        constexpr std::size_t most_that_waits = 4096;
        if (hello_.filled().size() > most_that_waits) {
            waiter::give_up();
            co_return failure{party::postern, phase::hello, reason::shed, "a long hello would have to wait"};
        }
        const std::vector<std::uint8_t> kept(hello_.filled().begin(), hello_.filled().end());
        hello_ = {};
        if (!co_await turn_for_step()) co_return stopped_during(phase::hello);
        // A handshake for nobody is what a crowd costs most of all.
        if (raw_.hung_up()) co_return failure{party::client, phase::hello, reason::peer_closed, {}};
        hello_ = worker_.pool().lend();
        hello_.append(kept);
    }
    began_handshake_ = true;
    co_return result<void>();
}

net::task<bool> session::turn_for_step() {
    co_await turn_.wait();
    turn_.reset();
    waiter::give_up();
    co_return !stopped_;
}

void session::admitted() {
    began_handshake_ = true;
    turn_.set();
}

net::task<result<void>> session::handshake(const route& to) {
    const auto& ssl = *face_->server(to.server).ssl;
    const auto begun = net::clock::now();
    if (ssl.handshake_timeout) {
        const auto spent = begun - began_;
        arm(worker_.deadlines(), std::max<net::clock::duration>(*ssl.handshake_timeout - spent, {}));
    }
    SSL_CTX* context = face_->context(to.server);
    if (context == nullptr) co_return failure{party::postern, phase::handshake, reason::internal, "no TLS context"};
    auto& client = client_.emplace(raw_, context, to.name, worker_.pool(), std::move(hello_));
    auto step_begun = begun;
    for (auto step = to.begins;; step = tls::handshake_step::finish) {
        const auto status = client.handshake();
        if (status == net::io_status::failed) co_return client.why_failed();
        charge(step, net::clock::now() - step_begun);
        if (status == net::io_status::ok) break;
        if (status != net::io_status::would_block) co_return client_broke_off(status, phase::handshake, client.error());
        if (!co_await client_ready(!client.holds_output())) co_return stopped_during(phase::handshake);
        if (!worker_.may_step(*this, tls::handshake_step::finish))
            if (!co_await turn_for_step()) co_return stopped_during(phase::handshake);
        step_begun = net::clock::now();
    }
    began_handshake_ = false;
    worker_.handshake_over();
    auto facts = client.agreed();
    record_.alpn = facts.alpn;
    record_.tls = ops::tls_record{facts.version, facts.cipher, facts.group, facts.resumed, net::clock::now() - begun};
    co_return result<void>();
}

void session::charge(tls::handshake_step admitted_as, net::clock::duration took) {
    auto was = admitted_as;
    if (was != tls::handshake_step::finish && !client_->resumed()) was = tls::handshake_step::full;
    worker_.admission().charge(admitted_as, was, took);
}

net::task<result<void>> session::connect(const route& to) {
    auto& target = face_->target(to.server);
    const auto begun = net::clock::now();
    upstream::connector connector(target.shared_from_this(), face_->connect_timeout(to.server));
    connecting_ = &connector;
    auto connected = co_await connector.run();
    connecting_ = nullptr;
    outcome_.upstream = ops::upstream_record{target.name(), {}, net::clock::now() - begun};
    if (!connected) co_return connected.error();
    outcome_.upstream->peer = std::move(connected->peer_text);
    upstream_.emplace(std::move(connected->socket));
    co_return result<void>();
}

net::task<failure> session::relay(const route& to) {
    net::relay relay(*client_, *upstream_, worker_.pool(), worker_.deadlines(), face_->server(to.server).proxy_timeout);
    relaying_ = &relay;
    auto ending = co_await relay.run();
    relaying_ = nullptr;
    outcome_.bytes_in = relay.from_client();
    outcome_.bytes_out = relay.from_upstream();
    co_return ending;
}

net::task<> session::close(const failure& ending) {
    switch (ending.why) {
        case reason::unknown_sni: send_alert(alert_unrecognized_name); break;
        case reason::bad_client_hello:
        case reason::hello_too_large: send_alert(alert_decode_error); break;
        // Nothing is left of it, in either kernel: an end in order would wait on ours for a minute (TIME_WAIT).
        case reason::handshake_rate:
        case reason::address_rate:
        case reason::shed: raw_.reset(); break;
        default: break;
    }
    co_await close_both(client_ && record_.tls ? &*client_ : nullptr, upstream_ ? &*upstream_ : nullptr, ending.why,
                        stopped_);
    if (client_) client_->close();
    raw_.close();
}

// A connection whose requests have lines has none of its own.
void session::record(const failure& ending) {
    if (requests_ > 0) return;
    outcome_.lasted = net::clock::now() - began_;
    outcome_.by = ending.by;
    outcome_.during = ending.during;
    outcome_.why = ending.why;
    outcome_.detail = ending.detail;
    worker_.access().append(record_, outcome_);
}

net::task<bool> session::client_ready(bool to_read) {
    auto& side = client_side();
    co_await side.socket().async_wait(to_read ? net::direction::read : net::direction::write, net::as_result);
    if (to_read) side.became_readable();
    co_return !stopped_;
}

net::stream& session::client_side() {
    if (client_) return *client_;
    return raw_;
}

failure session::stopped_during(phase p) const { return {party::postern, p, *stopped_, {}}; }

void session::send_alert(std::uint8_t description) {
    // A fatal alert in a record of its own, in the clear: there is no TLS object (RFC 8446, section 6).
    const std::uint8_t alert[] = {21, 3, 3, 0, 2, 2, description};
    static_cast<void>(::send(raw_.socket().native_handle(), alert, sizeof alert, MSG_DONTWAIT | MSG_NOSIGNAL));
}

void session::stop(reason why) {
    if (stopped_) return;
    stopped_ = why;
    if (http_ != nullptr) return http_->stop(why);
    if (relaying_ != nullptr) return relaying_->stop(party::postern, why);
    if (connecting_ != nullptr) return connecting_->stop(why);
    turn_.set();
    client_side().socket().cancel();
}

void session::drain() {
    if (http_ != nullptr) http_->drain();
}

void session::expired() { stop(reason::handshake_timeout); }

}  // namespace postern::session
