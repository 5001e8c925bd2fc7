#include "certs/sessions.hpp"

#include "certs/session_time.hpp"
#include "certs/verify.hpp"
#include "certs/words.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <charconv>

namespace postern::certs {
namespace {

// In place of the time of the first handshake: the session cannot be resumed.
constexpr std::time_t never = 0;

// When the first handshake of this chain of resumptions was; `never` when the session does not say.
std::time_t first_handshake(SSL_SESSION* session) {
    void* data = nullptr;
    std::size_t length = 0;
    std::time_t when = 0;
    if (SSL_SESSION_get0_ticket_appdata(session, &data, &length) != 1 || data == nullptr) return 0;
    const auto* text = static_cast<const char*>(data);
    const auto [end, error] = std::from_chars(text, text + length, when);
    return error == std::errc{} && end == text + length ? when : 0;
}

int remember(SSL_SESSION* session, std::time_t first) {
    const auto text = std::to_string(first);
    return SSL_SESSION_set1_ticket_appdata(session, text.data(), text.size());
}

// By how much the clocks of those who share ticket keys may differ, and a clock may be set back.
constexpr std::time_t clock_tolerance = 60;

// Whether a session may still be resumed. One from another's clock, ahead of ours, is as good as one of now; OpenSSL 3.0
// would take the time that it has in TLS 1.3 for one of long ago.
bool in_time(const session_rules& rules, SSL_SESSION* session) {
    if (!may_go_on(rules, first_handshake(session))) return false;
    const std::time_t real_now = std::time(nullptr);
    if (time_of(session) > real_now) set_time(session, real_now);
    return true;
}

// By the rules of now: a reload may have made session_timeout shorter. A client whose certificate has expired meanwhile
// has to show another one.
bool may_resume(const session_rules& rules, SSL_SESSION* session) {
    return in_time(rules, session) && !has_expired(session, rules.now());
}

// A ticket is about to be written. OpenSSL gives a resumed TLS 1.3 session a new time and its whole timeout at each
// renewal, so that a client could go on for ever; the first handshake's time is what counts.
int write_ticket(SSL* ssl, void*) {
    const auto& rules = session_rules::of(SSL_get_SSL_CTX(ssl));
    SSL_SESSION* session = SSL_get_session(ssl);
    // TLS 1.2 has promised a ticket before it knew the client: this one resumes nothing.
    if (is_refused(ssl)) return remember(session, never);
    if (rules.counts != nullptr) rules.counts->issued.add();
    const auto times = times_of_ticket(rules, SSL_session_reused(ssl) == 1 ? first_handshake(session) : 0);
    // What is left is what the client is told, and what OpenSSL goes by for a session kept in a cache, whose ticket
    // never comes to read_ticket.
    if (SSL_version(ssl) >= TLS1_3_VERSION) SSL_SESSION_set_timeout(session, static_cast<long>(times.left));
    return remember(session, times.first);
}

SSL_TICKET_RETURN judge_ticket(const session_rules& rules, SSL_SESSION* session, SSL_TICKET_STATUS status) {
    const bool decrypted = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
    if (!decrypted) {
        // An unknown key or no ticket at all: a full handshake, with a ticket at its end.
        return status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT ? SSL_TICKET_RETURN_IGNORE_RENEW
                                                                             : SSL_TICKET_RETURN_ABORT;
    }
    if (!may_resume(rules, session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

SSL_TICKET_RETURN read_ticket(SSL* ssl, SSL_SESSION* session, const unsigned char*, std::size_t,
                              SSL_TICKET_STATUS status, void*) {
    return judge_ticket(session_rules::of(SSL_get_SSL_CTX(ssl)), session, status);
}

// In TLS 1.3 a session goes by id where there are no tickets but ids; a ticket that is the session itself never comes
// near the cache (nginx).
bool goes_by_id(const SSL_CTX* context, const SSL_SESSION* session) {
    return SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION ||
           (SSL_CTX_get_options(context) & SSL_OP_NO_TICKET) != 0;
}

session_cache::id_view id_of(const SSL_SESSION* session) {
    unsigned length = 0;
    const auto* id = SSL_SESSION_get_id(session, &length);
    return {id, length};
}

// Empty when OpenSSL fails, or when it is longer than `most`.
secret encode(SSL_SESSION* session, std::size_t most) {
    const int length = i2d_SSL_SESSION(session, nullptr);
    if (length <= 0 || static_cast<std::size_t>(length) > most) return {};
    std::vector<std::uint8_t> encoded(static_cast<std::size_t>(length));
    auto* at = encoded.data();
    i2d_SSL_SESSION(session, &at);
    return secret(std::move(encoded));
}

// A session is new: a full handshake's, or in TLS 1.3 each ticket's, which write_ticket has told the first handshake of.
// Returns 0: OpenSSL keeps its reference.
int store_session(SSL* ssl, SSL_SESSION* session) {
    SSL_CTX* context = SSL_get_SSL_CTX(ssl);
    if (!goes_by_id(context, session) || is_refused(ssl)) return 0;
    const auto& rules = session_rules::of(context);
    const std::time_t now = rules.now();
    const std::time_t known = first_handshake(session);
    const std::time_t first = known != 0 ? known : now;
    if (known == 0 && remember(session, first) != 1) return 0;
    rules.cache->store(id_of(session), encode(session, session_cache::largest_session), now, first + rules.lifetime);
    return 0;
}

// Whether the session is this server's to resume, OpenSSL sees by the session id context in it.
SSL_SESSION* find_session(SSL* ssl, const unsigned char* id, int length, int* copy) {
    *copy = 0;  // the reference is handed over
    const auto& rules = session_rules::of(SSL_get_SSL_CTX(ssl));
    const auto encoded = rules.cache->find({id, static_cast<std::size_t>(length)}, rules.now());
    if (!encoded) return nullptr;
    const auto* at = encoded->bytes().data();
    session_ptr session(d2i_SSL_SESSION(nullptr, &at, static_cast<long>(encoded->bytes().size())));
    if (!session) {
        ERR_clear_error();
        return nullptr;
    }
    return may_resume(rules, session.get()) ? session.release() : nullptr;
}

// After a fatal alert a session must not be resumed (RFC 5246 section 7.2.2).
void forget_session(SSL_CTX* context, SSL_SESSION* session) {
    if (goes_by_id(context, session)) session_rules::of(context).cache->remove(id_of(session));
}

// A session may go on only with the same certificates and the same rules for clients (CVE-2025-23419).
bool bind_to_server(SSL_CTX* context, const context_plan& plan, const library& in) {
    std::string of;
    const auto add = [&](const std::string& text) { of.append(text).push_back('\0'); };
    for (const auto& id : plan.identities) add(id->fingerprint);
    add(plan.trust ? plan.trust->digest : std::string());
    add(std::to_string(static_cast<int>(plan.settings->verify_client)));
    add(std::to_string(plan.settings->verify_depth));
    for (std::size_t i = 0; plan.allow != nullptr && i < plan.allow->size(); ++i) {
        const auto& rule = (*plan.allow)[i];
        for (const auto* text : {&rule.cn, &rule.ou, &rule.san_dns, &rule.san_uri, &rule.san_email, &rule.spki_sha256})
            add(*text);
        add(rule.san_ip ? config::to_string(*rule.san_ip) : std::string());
    }
    unsigned char id[EVP_MAX_MD_SIZE];
    std::size_t length = 0;
    if (EVP_Q_digest(in.handle(), "SHA256", in.properties(), of.data(), of.size(), id, &length) != 1) return false;
    session_rules::of(context).id_context.assign(id, id + length);
    return SSL_CTX_set_session_id_context(context, id, static_cast<unsigned>(length)) == 1;
}

void apply_cache(SSL_CTX* context, const config::session_cache& cache) {
    using kind = config::session_cache::kind;
    switch (cache.type) {
        case kind::off: SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); return;
        case kind::none:
            // A session id is sent, so that clients which give up without one go on, and nothing is kept (nginx).
            SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR |
                                                        SSL_SESS_CACHE_NO_INTERNAL);
            return;
        case kind::builtin:
            SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
            if (cache.size != 0) SSL_CTX_sess_set_cache_size(context, static_cast<long>(cache.size));
            return;
        case kind::shared:
            SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR |
                                                        SSL_SESS_CACHE_NO_INTERNAL);
            SSL_CTX_sess_set_new_cb(context, store_session);
            SSL_CTX_sess_set_get_cb(context, find_session);
            SSL_CTX_sess_set_remove_cb(context, forget_session);
            return;
    }
}

}  // namespace

bool session_rules::attach(SSL_CTX* context, const context_plan& plan) {
    auto rules = std::make_unique<session_rules>();
    rules->now = plan.now;
    rules->properties = plan.properties;
    rules->own_handshake = plan.own_handshake && plan.settings->conf_command.empty() &&
                           plan.settings->verify_client == config::verify_mode::off;
    rules->counts = plan.counts;
    rules->lifetime = std::chrono::duration_cast<std::chrono::seconds>(plan.settings->session_timeout).count();
    const auto& cache = plan.settings->session_cache;
    if (cache.type == config::session_cache::kind::shared)
        rules->cache = plan.cache ? plan.cache : std::make_shared<session_cache>(cache.size);
    if (SSL_CTX_set_app_data(context, rules.get()) != 1) return false;
    static_cast<void>(rules.release());
    return true;
}

session_rules& session_rules::of(SSL_CTX* context) {
    return *static_cast<session_rules*>(SSL_CTX_get_app_data(context));
}

void free_server_context::operator()(SSL_CTX* context) const {
    const std::unique_ptr<session_rules> rules(static_cast<session_rules*>(SSL_CTX_get_app_data(context)));
    SSL_CTX_free(context);
}

ticket_times times_of_ticket(const session_rules& rules, std::time_t inherited) {
    const std::time_t now = rules.now();
    const std::time_t first = inherited != 0 ? inherited : now;
    // Not 0, which OpenSSL 3.0 reads back as 3 and takes for a damaged session.
    return {first, std::clamp<std::time_t>(first + rules.lifetime - now, 1, rules.lifetime)};
}

bool may_go_on(const session_rules& rules, std::time_t first) {
    const std::time_t now = rules.now();
    return first != never && first - now <= clock_tolerance && now - first <= rules.lifetime;
}

void count_offered_ticket(SSL_CTX* context, bool resumed) {
    auto* const counts = session_rules::of(context).counts;
    if (counts == nullptr || sealing_ticket_key(context) == nullptr) return;
    (resumed ? counts->accepted : counts->rejected).add();
}

secret encode_for_ticket(SSL* ssl, std::span<const std::uint8_t> psk) {
    constexpr std::size_t longest_ticket = 60'000;  // with what seals it, less than a ticket's 16 bits of length
    SSL_SESSION* session = SSL_get_session(ssl);
    if (is_refused(ssl)) return {};
    set_time(session, session_rules::of(SSL_get_SSL_CTX(ssl)).now());
    if (SSL_SESSION_set1_master_key(session, psk.data(), psk.size()) != 1 || write_ticket(ssl, nullptr) != 1) return {};
    return encode(session, longest_ticket);
}

void apply_sessions(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found) {
    const auto& settings = *plan.settings;
    if (!bind_to_server(context, plan, in)) refuse(found, "", "OpenSSL makes no session id context: " + take_errors());
    apply_cache(context, settings.session_cache);
    SSL_CTX_set_timeout(context, static_cast<long>(session_rules::of(context).lifetime));
    using kind = config::session_cache::kind;
    const bool stored = settings.session_cache.type == kind::builtin || settings.session_cache.type == kind::shared;
    session_rules::of(context).sessions_by_id = stored && !settings.session_tickets;
    apply_tickets(context, plan, in, found);
    // One ticket is what a client needs to come back. Without tickets and without a cache none would resume anything.
    SSL_CTX_set_num_tickets(context, settings.session_tickets || stored ? 1 : 0);
    SSL_CTX_set_session_ticket_cb(context, write_ticket, read_ticket, nullptr);
}

}  // namespace postern::certs
