#include "proxy/session/http1_request.hpp"

#include "proxy/session/closing.hpp"
#include "proxy/session/guard.hpp"
#include "proxy/session/worker.hpp"

#include <algorithm>

namespace postern::session {
namespace {

using config::destination;

std::string strict_transport_security(config::milliseconds time) {
    return "max-age=" + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

}  // namespace

bool is_trusted(const config::settings& all, std::string_view ip) {
    return std::any_of(all.trusted_proxies.begin(), all.trusted_proxies.end(),
                       [&](const auto& n) { return n.contains(ip); });
}

http1_request::http1_request(connection& of, between_requests& before, std::size_t server, bool trusted)
    : worker_(of.on),
      face_(*of.face),
      address_(of.address),
      stream_(*of.client),
      connection_(of.record),
      counts_(of.counts),
      server_(server),
      trusted_(trusted),
      client_(stream_, {of.on.pool(), of.on.deadlines(), of.on.date()}, before),
      port_(std::to_string(of.address.address.port())) {}

net::task<> http1_request::run(net::io_status got, bool explain_tls) {
    ending_ = co_await answer(got, explain_tls);
    leaves_connection_ = whole_ && !stopped_ && client_.next_request();
    if (!leaves_connection_ && !closed_) co_await close(ending_);
}

net::task<failure> http1_request::answer(net::io_status got, bool explain_tls) {
    if (worker_.draining()) client_.close_after();
    auto read = co_await client_.read_head(got);
    const bool silent = !read && (read.error().by == party::postern || read.error().why == reason::closed);
    // Nothing was asked: there is nothing to answer and nothing to log.
    if (silent) co_return read.error();
    begin_record();
    failure ended;
    if (read && explain_tls) {
        ended = co_await explain_plain_http();
    } else if (read) {
        ended = co_await serve();
    } else {
        const bool refused = read.error().why == reason::bad_request;
        ended = co_await refuse(read.error(), refused ? client_.refused().status : status_of(read.error()));
    }
    record(ended);
    co_return ended;
}

net::task<failure> http1_request::serve() {
    const auto& head = client_.head();
    const auto chosen = choose_server(face_.snapshot(), address_, server_, head.authority);
    if (!chosen) co_return co_await refuse(chosen.error(), status_of(chosen.error()));
    const auto& server = face_.server(*chosen);
    client_.follow(server);
    if (const auto refused = refuse_client(server, connection_.client_certificate.get(), phase::request))
        co_return co_await refuse(*refused, status_of(*refused));
    if (!wire::normalize_path(head.target, path_)) {
        const failure bad{party::client, phase::request, reason::bad_request, "bad path"};
        co_return co_await refuse(bad, 400);
    }
    const auto about = context(server);
    const variable_source from{connection_, server, head, about, path_, record_.id, stream_};
    co_return co_await by_server(*chosen, from);
}

net::task<failure> http1_request::by_server(std::size_t index, const variable_source& from) {
    const auto& server = from.server;
    const auto* at = choose_location(server, path_);
    const auto& added = at != nullptr && at->add_header ? *at->add_header : server.add_header;
    if (server.hsts && server.ssl) client_.set({"Strict-Transport-Security", strict_transport_security(*server.hsts)});
    if (!added.empty()) client_.add(expand(added, from));
    if (server.return_) co_return co_await give(*server.return_, from);
    if (!server.redirect.empty()) co_return co_await send_to_https(https_port(server.redirect));
    if (lacks_slash(server, at, path_)) {
        const auto there = redirect(301, with_slash(from.head.target, path_));
        co_return co_await send(there);
    }
    if (at != nullptr && at->return_) co_return co_await give(*at->return_, from);
    const bool proxies = at != nullptr || server.proxy_pass.type == destination::kind::http;
    if (proxies) co_return co_await proxy(index, at, from);
    const auto nothing = page(404);
    co_return co_await send(nothing);
}

net::task<failure> http1_request::proxy(std::size_t index, const config::location* at, const variable_source& from) {
    auto plan = make_exchange_plan(face_, index, at, from);
    client_.release_head();
    exchange e(worker_, client_, std::move(plan));
    exchange_ = &e;
    auto ended = co_await e.run();
    exchange_ = nullptr;
    record_.upstream = e.record();
    if (ended.why != reason::answered) co_return co_await refuse(ended, status_of(ended));
    if (e.switched()) co_return co_await tunnel(e, from.server);
    whole_ = true;
    co_return ended;
}

// What follows a 101 is no HTTP: bytes both ways until both have ended, with the idle time of a tunnel.
net::task<failure> http1_request::tunnel(exchange& e, const config::server& server) {
    net::relay relay(stream_, e.upstream(), worker_.pool(), worker_.deadlines(), server.proxy_timeout, &counts_.bytes);
    relay.begin_with(client_.take_rest(), e.take_rest());
    relaying_ = &relay;
    auto ended = co_await relay.run();
    relaying_ = nullptr;
    record_.bytes_in += relay.from_client();
    record_.bytes_out += relay.from_upstream();
    record_.body_bytes_out += relay.from_upstream();
    closed_ = true;
    co_await close_both(&stream_, &e.upstream(), ended.why, stopped_);
    co_return ended;
}

net::task<failure> http1_request::give(const config::answer& a, const variable_source& from) {
    if (a.code == config::close_unanswered) {
        record_.status = a.code;
        co_return failure{party::postern, phase::exchange, reason::closed, {}};
    }
    auto text = expand(a.text, from);
    reply given = page(a.code);
    if (config::is_redirect(a.code)) {
        given.location = on_this_host(std::move(text));
    } else if (!text.empty()) {
        given.type = "text/plain";
        given.body = std::move(text);
    }
    co_return co_await send(given);
}

net::task<failure> http1_request::explain_plain_http() {
    client_.close_after();
    if (face_.server(server_).plain_http == config::plain_http::redirect) co_return co_await send_to_https(port_);
    const failure plain{party::client, phase::request, reason::plain_http, {}};
    co_return co_await refuse(plain, 400);
}

net::task<failure> http1_request::send_to_https(std::string_view port) {
    const auto& head = client_.head();
    auto location = https_location(face_.server(server_), address_, port, head.authority, head.target);
    if (location.empty()) {
        const failure nowhere{party::client, phase::request, reason::bad_request, "no host to redirect to"};
        co_return co_await refuse(nowhere, 400);
    }
    const auto there = redirect(301, std::move(location));
    co_return co_await send(there);
}

net::task<failure> http1_request::send(const reply& r) {
    // A small body that is here is read, so that the connection can be used again.
    for (int pieces = 0; pieces < 16; ++pieces)
        if (client_.body().status != requester::body_status::piece) break;
    wire::response_head head;
    head.status = r.status;
    head.reason = phrase_of(r.status);
    const bool has_body = r.status != 204 && r.status != 304;
    if (has_body) head.headers.push_back({wire::known::content_type, "Content-Type", r.type});
    // RFC 9110 section 15.5.6; we refuse CONNECT and TRACE alone.
    if (r.status == 405)
        head.headers.push_back({wire::known::other, "Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"});
    if (!r.location.empty()) head.headers.push_back({wire::known::other, "Location", r.location});
    wire::body_length length;
    if (has_body) length = {wire::body_length::kind::length, r.body.size()};
    auto sent = co_await client_.send_head(head, length);
    if (sent && has_body && !client_.is_head())
        sent = co_await client_.send_body({reinterpret_cast<const std::uint8_t*>(r.body.data()), r.body.size()});
    const std::vector<wire::header> no_trailers;
    if (sent) sent = co_await client_.end_body(no_trailers);
    if (!sent) co_return sent.error();
    whole_ = true;
    co_return failure{party::postern, phase::exchange, reason::answered, {}};
}

net::task<failure> http1_request::refuse(const failure& f, unsigned status) {
    if (status == 0 || client_.answered() || stopped_) co_return f;
    if (f.by == party::client) client_.close_after();
    const auto told = page(status, explanation_of(f));
    auto sent = co_await send(told);
    if (sent.why != reason::answered) co_return sent;
    co_return f;
}

net::task<> http1_request::close(const failure& ended) {
    const bool begun = client_.answered().has_value();
    // Bytes that nobody reads become a reset when the socket is closed.
    const bool unread = whole_ && (ended.by == party::client || !client_.request_complete() || client_.more_has_come());
    const bool client_is_gone = ended.why == reason::client_closed || ended.why == reason::client_error;
    if (begun && !whole_ && !client_is_gone) {
        co_await reset_when_sent(stream_, stopped_);
    } else if (unread) {
        co_await client_.linger();
    } else if (!client_is_gone) {
        const bool told = co_await client_.finish(true);
        static_cast<void>(told);
    }
    stream_.close();
}

void http1_request::stop(reason why) {
    if (!stopped_) stopped_ = why;
    if (relaying_ != nullptr) return relaying_->stop(party::postern, why);
    if (exchange_ != nullptr) exchange_->stop(why);
    client_.stop(why);
}

void http1_request::drain() {
    client_.close_after();
    static_cast<void>(client_.stop_if_idle(reason::closed));
}

wire::request_context http1_request::context(const config::server& server) {
    wire::request_context about;
    about.client_ip = connection_.client_ip;
    about.trusted = trusted_;
    about.real_ip = about.client_ip;
    const auto& all = face_.snapshot().settings;
    if (trusted_)
        about.real_ip = wire::real_client(client_.head(), about.client_ip,
                                          [&](std::string_view ip) { return is_trusted(all, ip); });
    about.scheme = connection_.tls ? "https" : "http";
    about.host = client_.head().authority;
    about.port = port_;
    about.forwarded = server.forwarded;
    about.default_host = first_name(server);
    return about;
}

// All that the head says is taken now: it may be gone when the line is written.
void http1_request::begin_record() {
    const auto waited = net::clock::now() - client_.began();
    const auto& head = client_.head();
    record_.time =
        std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(waited);
    record_.id = {worker_.next_id(), worker_.next_id()};
    record_.method = head.method;
    record_.target = head.target;
    if (!head.method.empty()) record_.protocol = head.version == wire::http_version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
    record_.host = head.authority;
    if (const auto* h = head.find(wire::known::referer)) record_.referer = h->value;
    if (const auto* h = head.find(wire::known::user_agent)) record_.user_agent = h->value;
}

void http1_request::record(const failure& ended) {
    if (client_.answered()) record_.status = *client_.answered();
    if (record_.status == status_of(ended)) record_.status = logged_status_of(ended);
    if (record_.status == 0 && ended.by == party::client) record_.status = 499;
    record_.bytes_in += client_.bytes_in();
    record_.bytes_out += client_.bytes_out();
    counts_.bytes.from_client.add(client_.bytes_in());
    counts_.bytes.to_client.add(client_.bytes_out());
    record_.body_bytes_out += client_.body_bytes_out();
    record_.lasted = net::clock::now() - client_.began();
    record_.by = ended.by;
    record_.during = ended.during;
    record_.why = ended.why;
    record_.detail = ended.detail;
    counts_.answered(record_);
    worker_.access().append(connection_, record_);
    has_line_ = true;
}

}  // namespace postern::session
