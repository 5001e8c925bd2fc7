#include "certs/verify.hpp"

#include "certs/sessions.hpp"
#include "certs/trust.hpp"
#include "certs/words.hpp"

#include <openssl/err.h>

#include <set>

namespace postern::certs {
namespace {

using config::problems;
using config::verify_mode;

bool condemns(long result) {
    return result == X509_V_ERR_CERT_REVOKED || result == X509_V_ERR_CERT_HAS_EXPIRED ||
           result == X509_V_ERR_CERT_NOT_YET_VALID;
}

// Called for each fault of a chain, and goes on to the next (nginx). OpenSSL keeps the last one; one that optional_no_ca
// tolerates must not hide one that nothing does.
int go_on(int, X509_STORE_CTX* about) {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(about, SSL_get_ex_data_X509_STORE_CTX_idx()));
    // Of another verification that OpenSSL makes within this one.
    if (ssl == nullptr) return 1;
    const int fault = X509_STORE_CTX_get_error(about);
    const long before = SSL_get_verify_result(ssl);
    if (is_tolerable(fault) && condemns(before))
        X509_STORE_CTX_set_error(about, static_cast<int>(before));
    else
        SSL_set_verify_result(ssl, fault);
    return 1;
}

// TLS 1.3: after the client's Finished and before our tickets there is nothing else that OpenSSL calls. What it keeps
// itself (session_cache builtin) it has kept when the handshake is done.
void forget_refused(const SSL* ssl, int where, int) {
    const bool before_tickets = (where & SSL_CB_LOOP) != 0 && SSL_get_state(ssl) == TLS_ST_SR_FINISHED;
    const bool done = (where & SSL_CB_HANDSHAKE_DONE) != 0;
    if ((!before_tickets && !done) || !is_refused(ssl)) return;
    // Such callbacks are given the connection itself, as a thing to look at.
    auto* own = const_cast<SSL*>(ssl);
    SSL_set_num_tickets(own, 0);
    if (done) SSL_CTX_remove_session(SSL_get_SSL_CTX(own), SSL_get_session(own));
}

bool add_authority(SSL_CTX* context, const der& from, bool named, std::set<std::string>& names, const library& in) {
    X509* made = X509_new_ex(in.handle(), in.properties());
    const auto* at = from.data();
    // On failure OpenSSL frees what it was given and leaves a null.
    d2i_X509(&made, &at, static_cast<long>(from.size()));
    const x509_ptr authority(made);
    if (!authority || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1) return false;
    const unsigned char* name = nullptr;
    std::size_t length = 0;
    if (!named || X509_NAME_get0_der(X509_get_subject_name(authority.get()), &name, &length) != 1) return !named;
    const bool fresh = names.emplace(name, name + length).second;
    return !fresh || SSL_CTX_add_client_CA(context, authority.get()) == 1;
}

bool add_list(X509_STORE* store, const der& from, const library& in) {
    X509_CRL* made = X509_CRL_new_ex(in.handle(), in.properties());
    const auto* at = from.data();
    d2i_X509_CRL(&made, &at, static_cast<long>(from.size()));
    const crl_ptr list(made);
    return list && X509_STORE_add_crl(store, list.get()) == 1;
}

void add_trust(SSL_CTX* context, const trust& all, const library& in, problems& found) {
    std::set<std::string> names;
    for (const auto& one : all.named)
        if (!add_authority(context, one, true, names, in))
            return refuse(found, "client_certificate", "OpenSSL refuses it: " + take_errors());
    for (const auto& one : all.unnamed)
        if (!add_authority(context, one, false, names, in))
            return refuse(found, "trusted_certificate", "OpenSSL refuses it: " + take_errors());
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    for (const auto& one : all.revoked)
        if (!add_list(store, one, in)) return refuse(found, "crl", "OpenSSL refuses it: " + take_errors());
    if (!all.revoked.empty()) X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

}  // namespace

void apply_verification(SSL_CTX* context, const context_plan& plan, const library& in, problems& found) {
    const auto& settings = *plan.settings;
    session_rules::of(context).verify_client = settings.verify_client;
    if (settings.verify_client == verify_mode::off) return;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, go_on);
    SSL_CTX_set_verify_depth(context, static_cast<int>(settings.verify_depth));
    SSL_CTX_set_info_callback(context, forget_refused);
    if (plan.trust) add_trust(context, *plan.trust, in, found);
}

long verify_result_of(const SSL* ssl) {
    const long result = SSL_get_verify_result(ssl);
    const bool let_pass = result == X509_V_OK || is_tolerable(result);
    if (!let_pass || SSL_session_reused(ssl) == 0) return result;
    const auto now = session_rules::of(SSL_get_SSL_CTX(ssl)).now();
    return has_expired(SSL_get_session(ssl), now) ? X509_V_ERR_CERT_HAS_EXPIRED : result;
}

bool is_refused(const SSL* ssl) {
    const auto mode = session_rules::of(SSL_get_SSL_CTX(ssl)).verify_client;
    if (mode == verify_mode::off) return false;
    return judge(mode, SSL_get0_peer_certificate(ssl) != nullptr, verify_result_of(ssl)) != verdict::passed;
}

bool has_expired(SSL_SESSION* session, std::time_t now) {
    const X509* leaf = SSL_SESSION_get0_peer(session);
    return leaf != nullptr && X509_cmp_time(X509_get0_notAfter(leaf), &now) <= 0;
}

}  // namespace postern::certs
