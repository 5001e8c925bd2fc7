#include "proxy/session/opening.hpp"

#include "proxy/net/tls_stream.hpp"
#include "proxy/session/guard.hpp"
#include "proxy/session/worker.hpp"

#include <algorithm>
#include <vector>

#include <sys/socket.h>

namespace postern::session {
namespace {

failure client_broke_off(net::io_status how, phase during, std::string detail) {
    switch (how) {
        case net::io_status::end:
        case net::io_status::truncated: return {party::client, during, reason::peer_closed, {}};
        case net::io_status::reset: return {party::client, during, reason::client_reset, {}};
        default: return {party::client, during, reason::client_error, std::move(detail)};
    }
}

}  // namespace

bool speaks_http(const config::server& s) { return s.proxy_pass.type != config::destination::kind::tcp; }

opening::opening(connection& of) : connection_(of), worker_(of.on), face_(*of.face), turn_(of.on.loop()) {}

opening::~opening() {
    if (under_way_) worker_.handshake_over();
}

net::task<result<opened>> opening::run() {
    arm(worker_.deadlines(), face_.snapshot().settings.limits.handshake_timeout);
    auto to = co_await read_hello();
    const std::size_t server = connection_.address.default_server;
    if (!to && to.error().why == reason::plain_http && speaks_http(face_.server(server))) {
        connection_.counts.ended_before_handshake(reason::plain_http);
        opened in_the_clear{server, true, std::move(hello_)};
        co_return in_the_clear;
    }
    result<void> done;
    if (!to) done = to.error();
    if (done) done = co_await admit(*to);
    if (done) done = co_await handshake(*to);
    if (!done) {
        connection_.counts.ended_before_handshake(done.error().why);
        close(done.error());
        co_return done.error();
    }
    opened tls{to->server};
    co_return tls;
}

net::task<result<route>> opening::read_hello() {
    auto& client = *connection_.client;
    for (;;) {
        if (!hello_) hello_ = worker_.pool().lend();
        // A block holds more than the longest ClientHello that is accepted.
        const auto got = client.read_some(hello_.room());
        hello_.add(got.bytes);
        if (got.status == net::io_status::would_block) {
            // A client that has not said anything yet shall not hold a block.
            if (hello_.empty()) hello_ = {};
            if (!co_await client_ready(true)) co_return stopped_during(phase::hello);
            continue;
        }
        if (got.status != net::io_status::ok) {
            auto gone = client_broke_off(got.status, phase::hello, client.error());
            if (hello_.empty() && gone.why == reason::peer_closed) gone.why = reason::client_gone;
            co_return gone;
        }
        const auto read = tls::read_client_hello(hello_.filled());
        if (read.status == tls::hello_status::need_more) continue;
        if (read.status == tls::hello_status::refused) co_return failure{party::client, phase::hello, read.why, {}};
        connection_.record.sni = read.hello.server_name;
        connection_.record.versions = read.hello.versions;
        offered_alpn_.keep(read.hello.alpn);
        auto to = choose(face_.snapshot(), connection_.address, read.hello.server_name);
        if (to) to->begins = first_step(face_.ticket_keys(to->server), read.hello);
        co_return to;
    }
}

net::task<result<void>> opening::admit(const route& to) {
    const auto& limits = face_.snapshot().settings.limits;
    if (const auto over = worker_.rates().exceeded(limits, connection_.network, net::clock::now()))
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
        if (connection_.client->hung_up()) co_return failure{party::client, phase::hello, reason::peer_closed, {}};
        hello_ = worker_.pool().lend();
        hello_.append(kept);
    }
    under_way_ = true;
    co_return result<void>();
}

net::task<bool> opening::turn_for_step() {
    co_await turn_.wait();
    turn_.reset();
    waiter::give_up();
    co_return !stopped_;
}

void opening::admitted() {
    under_way_ = true;
    turn_.set();
}

net::task<result<void>> opening::handshake(const route& to) {
    const auto& ssl = *face_.server(to.server).ssl;
    const auto begun = net::clock::now();
    if (ssl.handshake_timeout) {
        const auto spent = begun - connection_.began;
        arm(worker_.deadlines(), std::max<net::clock::duration>(*ssl.handshake_timeout - spent, {}));
    }
    SSL_CTX* context = face_.context(to.server);
    if (context == nullptr) co_return failure{party::postern, phase::handshake, reason::internal, "no TLS context"};
    auto& client = begin_tls(context, to);
    auto step_begun = begun;
    auto admitted_as = to.begins;
    for (auto step = to.begins;; admitted_as = tls::handshake_step::finish) {
        const auto status = client.handshake();
        if (status == net::io_status::failed) co_return client.why_failed();
        step = charge(admitted_as, step, client, net::clock::now() - step_begun);
        if (status == net::io_status::ok) break;
        if (status != net::io_status::would_block) co_return client_broke_off(status, phase::handshake, client.error());
        if (!co_await client_ready(!client.holds_output())) co_return stopped_during(phase::handshake);
        if (!worker_.may_step(*this, tls::handshake_step::finish))
            if (!co_await turn_for_step()) co_return stopped_during(phase::handshake);
        step_begun = net::clock::now();
    }
    under_way_ = false;
    worker_.handshake_over();
    auto facts = client.agreed(
        {.client_chain = face_.server(to.server).client_cert_chain_header, .offers = face_.snapshot().tells_offers});
    auto& record = connection_.record;
    record.alpn = std::move(facts.alpn);
    record.client_certificate = std::move(facts.client);
    record.offered = std::move(facts.offered);
    record.tls = ops::tls_record{facts.version, facts.cipher, facts.group, facts.resumed, net::clock::now() - begun};
    const auto& server = face_.server(to.server);
    // Who speaks HTTP is told by an answer; that handshake has been a good one.
    if (!speaks_http(server))
        if (auto refused = refuse_client(server, record.client_certificate.get(), phase::handshake))
            co_return std::move(*refused);
    worker_.counts().shook_hands(connection_.counts, *record.tls);
    co_return result<void>();
}

net::tls_stream& opening::begin_tls(SSL_CTX* context, const route& to) {
    const auto before = std::move(connection_.client);
    auto made = std::make_unique<net::tls_stream>(*before, context, to.name, worker_.pool(), std::move(hello_));
    auto& client = *made;
    connection_.client = std::move(made);
    tls_ = &client;
    return client;
}

tls::handshake_step opening::charge(tls::handshake_step admitted_as, tls::handshake_step step,
                                    const net::tls_stream& client, net::clock::duration took) {
    using enum tls::handshake_step;
    // The work is still to come, and then it counts as what it is.
    if (client.asked_again()) {
        worker_.admission().charge(admitted_as, finish, took);
        return step;
    }
    const bool came_to_nothing = step == resume && !client.resumed();
    worker_.admission().charge(admitted_as, came_to_nothing ? full : step, took);
    return finish;
}

void opening::tell_attempt(ops::connection_outcome& o) {
    o.alert = tls_ != nullptr ? tls_->last_alert() : alert_;
    o.offered_alpn = offered_alpn_.names();
    // After a handshake that was done it is known, and OpenSSL's object may be gone.
    auto& shown = connection_.record.client_certificate;
    if (tls_ != nullptr && !shown) shown = tls_->shown();
}

// A fatal alert in a record of its own, in the clear: there is no TLS object (RFC 8446, section 6).
void opening::send_alert(std::uint8_t description) {
    const std::uint8_t alert[] = {21, 3, 3, 0, 2, 2, description};
    const int to = connection_.client->socket().native_handle();
    static_cast<void>(::send(to, alert, sizeof alert, MSG_DONTWAIT | MSG_NOSIGNAL));
    alert_ = tls::alert{false, description};
}

void opening::close(const failure& why) {
    auto& client = *connection_.client;
    switch (why.why) {
        case reason::unknown_sni: send_alert(tls::alert_unrecognized_name); break;
        case reason::bad_client_hello:
        case reason::hello_too_large: send_alert(tls::alert_decode_error); break;
        // Nothing is left of it, in either kernel: an end in order would wait on ours for a minute (TIME_WAIT).
        case reason::handshake_rate:
        case reason::address_rate:
        case reason::shed: return client.reset();
        default: break;
    }
    // Refused after a handshake that was done, it is told in order. What it cannot take at once is not waited for.
    if (connection_.record.tls) static_cast<void>(client.finish());
    client.close();
}

net::task<bool> opening::client_ready(bool to_read) {
    auto& client = *connection_.client;
    if (stopped_) co_return false;
    co_await client.socket().async_wait(to_read ? net::direction::read : net::direction::write, net::as_result);
    if (to_read) client.became_readable();
    co_return !stopped_;
}

failure opening::stopped_during(phase p) const { return {party::postern, p, *stopped_, {}}; }

void opening::stop(reason why) {
    if (stopped_) return;
    stopped_ = why;
    turn_.set();
    connection_.client->socket().cancel();
}

void opening::expired() { stop(reason::handshake_timeout); }

}  // namespace postern::session
