#include "certs/context.hpp"

#include "certs/commands.hpp"
#include "certs/dhparam.hpp"
#include "certs/policy.hpp"
#include "certs/sessions.hpp"
#include "certs/shown.hpp"
#include "certs/verify.hpp"
#include "certs/words.hpp"

#include <algorithm>

namespace postern::certs {
namespace {

using config::problems;

// What every connection gets, without any setting and whatever openssl.cnf says.
void harden(SSL_CTX* context) {
    // A TCP end without close_notify must stay an error: the caller tells truncation from an end.
    SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
                                       SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // Buffers live only while a record is in them; the chain is sent as configured and never built at run time; the
    // caller's plaintext may move between a write and its repetition.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Our BIO is memory: reading ahead would only copy more.
    SSL_CTX_set_read_ahead(context, 0);
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* offered,
                    unsigned offered_length, void* ours) {
    const auto& wire = *static_cast<const std::string*>(ours);
    unsigned char* selected = nullptr;
    if (SSL_select_next_proto(&selected, length, reinterpret_cast<const unsigned char*>(wire.data()),
                              static_cast<unsigned>(wire.size()), offered, offered_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

void apply_alpn(SSL_CTX* context, const config::ssl& settings, problems& found) {
    if (settings.alpn.empty()) return;
    auto& wire = session_rules::of(context).alpn;
    for (const auto& name : settings.alpn) {
        if (name.empty() || name.size() > 255)
            return refuse(found, "alpn", "no protocol name", name, "1 to 255 bytes (RFC 7301)");
        wire += static_cast<char>(static_cast<unsigned char>(name.size()));
        wire += name;
    }
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, &wire);
}

server_context make(const context_plan& plan, const library& in, problems& found) {
    const auto& settings = *plan.settings;
    const char* preferred = plan.properties != nullptr ? plan.properties : in.properties();
    server_context context(SSL_CTX_new_ex(in.handle(), preferred, TLS_server_method()));
    if (!context || !session_rules::attach(context.get(), plan)) {
        refuse(found, "", "OpenSSL makes no context: " + take_errors());
        return nullptr;
    }
    session_rules::of(context.get()).libctx = in.handle();
    if (in.has_tls_settings()) session_rules::of(context.get()).own_handshake = false;
    harden(context.get());
    apply_policy(context.get(), settings, found);
    if (plan.dh_parameters) apply_dh_parameters(context.get(), *plan.dh_parameters, in, found);
    use_identities(context.get(), plan, in, found);
    apply_verification(context.get(), plan, in, found);
    apply_sessions(context.get(), plan, in, found);
    apply_alpn(context.get(), settings, found);
    serve_staples(context.get(), plan.staples);
    // OpenSSL's own bounds; what is outside them would be passed over.
    auto& record = session_rules::of(context.get()).record_size;
    record = std::clamp<std::size_t>(settings.buffer_size, 512, SSL3_RT_MAX_PLAIN_LENGTH);
    SSL_CTX_set_max_send_fragment(context.get(), static_cast<long>(record));
    apply_commands(context.get(), settings, found);
    if (plan.client_hello != nullptr)
        SSL_CTX_set_client_hello_cb(context.get(), plan.client_hello, plan.client_hello_arg);
    return context;
}

}  // namespace

server_context make_context(const context_plan& plan, const library& in, problems& found) {
    problems here;
    auto context = make(plan, in, here);
    found.insert(found.end(), here.begin(), here.end());
    if (config::has_error(here)) return nullptr;
    return context;
}

std::size_t record_size(SSL_CTX* context) { return session_rules::of(context).record_size; }

}  // namespace postern::certs
