#include "engine_pair.hpp"

#include "proxy/tls/key_offer.hpp"

#include <openssl/err.h>

#include <gtest/gtest.h>

#include <map>

namespace postern::tls::test_pair {

const certs::library& library() {
    static const certs::library made = [] {
        certs::library l;
        EXPECT_TRUE(offer_key_schedule(l).accepted);
        return l;
    }();
    return made;
}

certs::server_context make_server(const config::ssl& settings, const char* properties, std::time_t (*now)()) {
    static const certs::development_authority authority;
    static const auto issued = authority.issue({});
    config::problems found;
    certs::context_plan plan;
    plan.settings = &settings;
    plan.identities = {certs::parse_identity(0, issued.certificate, issued.key, {}, found)};
    plan.tickets = certs::make_ticket_keys();
    plan.trust = certs::load_trust(settings, found);
    plan.client_hello = engine::judge_hello;
    plan.properties = properties;
    if (now != nullptr) plan.now = now;
    auto made = certs::make_context(plan, library(), found);
    EXPECT_FALSE(config::has_error(found));
    return made;
}

certs::server_context make_own_server(const own_server& wanted) {
    static const certs::development_authority authority;
    static std::map<certs::key_kind, std::shared_ptr<const certs::identity>> issued;
    config::problems found;
    certs::context_plan plan;
    plan.settings = &wanted.settings;
    plan.identities = wanted.identities;
    for (const auto kind : wanted.identities.empty() ? wanted.kinds : std::vector<certs::key_kind>{}) {
        auto& one = issued[kind];
        if (!one) {
            const auto files = authority.issue({{"localhost"}, kind});
            one = certs::parse_identity(0, files.certificate + authority.certificate(), files.key, {}, found);
        }
        plan.identities.push_back(one);
    }
    plan.tickets = wanted.tickets ? wanted.tickets : certs::make_ticket_keys();
    plan.trust = certs::load_trust(wanted.settings, found);
    plan.client_hello = engine::judge_hello;
    plan.properties = provider_query;
    plan.own_handshake = wanted.own;
    plan.staples.assign(wanted.staples.begin(), wanted.staples.end());
    if (wanted.now != nullptr) plan.now = wanted.now;
    auto made = certs::make_context(plan, library(), found);
    EXPECT_FALSE(config::has_error(found));
    return made;
}

certs::ssl_ctx_ptr make_client(int lowest, int highest) {
    certs::ssl_ctx_ptr made(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(made.get(), lowest);
    SSL_CTX_set_max_proto_version(made.get(), highest);
    // Its one share is of X25519, whatever this OpenSSL begins with.
    SSL_CTX_set1_groups_list(made.get(), "X25519:P-256:X448:P-521:P-384");
    return made;
}

client::client(SSL_CTX* context, const std::string& name)
    : ssl_(SSL_new(context)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
    if (!name.empty()) mean(name);
}

// OpenSSL's macro for it has a cast that our warnings forbid.
void client::mean(std::string name) {
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

bool client::shake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) return true;
    if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_SSL) alert_ = certs::take_errors();
    return false;
}

void client::hear(const bytes& from_server) {
    BIO_write(in_, from_server.data(), static_cast<int>(from_server.size()));
}

bytes client::sent() {
    bytes all(BIO_ctrl_pending(out_));
    if (!all.empty()) BIO_read(out_, all.data(), static_cast<int>(all.size()));
    return all;
}

void client::say(const std::string& text) {
    EXPECT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
}

std::string client::heard() {
    std::string all;
    char buffer[4096];
    ERR_clear_error();
    for (int n = 0; (n = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;)
        all.append(buffer, static_cast<std::size_t>(n));
    return all;
}

bool client::told_to_close() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

void client::close() { SSL_shutdown(ssl_.get()); }

namespace {

template <class Step>
turn repeat(engine& e, const bytes& input, std::size_t room_size, Step take) {
    turn t{step::want_output, {}, {}};
    bytes room(room_size);
    bytes fed = input;
    e.feed(fed);
    // More turns than any flight has bytes: an engine that goes round in circles fails instead of hanging.
    for (int i = 0; i < 100'000 && t.status == step::want_output; ++i) {
        e.lend(room);
        t.status = take();
        t.output.insert(t.output.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(e.produced()));
    }
    EXPECT_NE(t.status, step::want_output);
    t.unread.assign(e.unread().begin(), e.unread().end());
    return t;
}

}  // namespace

turn shake(engine& e, const bytes& input, std::size_t room) {
    return repeat(e, input, room, [&] { return e.handshake(); });
}

turn say(engine& e, const std::string& text, std::size_t room) {
    std::span<const std::uint8_t> rest(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return repeat(e, {}, room, [&] {
        const auto wrote = e.write(rest);
        rest = rest.subspan(wrote.bytes);
        return wrote.status;
    });
}

turn hear(engine& e, const bytes& input, std::string& text) {
    bytes plain(64 * 1024);
    return repeat(e, input, 32 * 1024, [&] {
        const auto read = e.read(plain);
        text.append(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(read.bytes));
        return read.status;
    });
}

pair connect(certs::server_context server_context, certs::ssl_ctx_ptr client_context) {
    pair p{std::move(server_context), std::move(client_context), nullptr, nullptr};
    p.server = std::make_unique<engine>(p.server_context.get(), "localhost");
    p.peer = std::make_unique<client>(p.client_context.get());
    for (int i = 0; i < 6; ++i) {
        const bool client_done = p.peer->shake();
        const auto input = p.peer->sent();
        if (client_done && input.empty()) break;
        const auto t = shake(*p.server, input);
        EXPECT_NE(t.status, step::failed) << p.server->error().detail;
        p.peer->hear(t.output);
    }
    EXPECT_TRUE(p.peer->shake());
    EXPECT_EQ(p.peer->heard(), "");
    return p;
}

pair connect(const config::ssl& settings, served_by by) {
    const int version = by == served_by::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
    const bool ours = by == served_by::our_records || by == served_by::ourselves;
    auto p = connect(by == served_by::ourselves ? make_own_server({settings})
                                                : make_server(settings, ours ? provider_query : nullptr),
                     make_client(version, version));
    EXPECT_EQ(p.server->handed_over(), ours);
    EXPECT_EQ(p.server->did_without_openssl(), by == served_by::ourselves);
    return p;
}

void exchange(pair& p, const std::string& question, const std::string& answer) {
    p.peer->say(question);
    std::string text;
    EXPECT_EQ(hear(*p.server, p.peer->sent(), text).status, step::want_input);
    EXPECT_EQ(text, question);
    p.peer->hear(say(*p.server, answer).output);
    EXPECT_EQ(p.peer->heard(), answer);
}

}  // namespace postern::tls::test_pair
