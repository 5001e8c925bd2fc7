#include "proxy/session/client_variables.hpp"

#include "certs/client_texts.hpp"
#include "certs/facts.hpp"

namespace postern::session {
namespace {

using config::variable;

std::string of_the_hello(variable v, const tls::offers& offered) {
    switch (v) {
        case variable::ssl_session_id: return offered.session_id;
        case variable::ssl_ciphers: return offered.ciphers;
        case variable::ssl_curves: return offered.groups;
        case variable::ssl_sigalgs: return offered.signatures;
        case variable::ssl_sigalg: return offered.server_signature;
        case variable::ssl_client_sigalg: return offered.client_signature;
        default: return {};
    }
}

std::string of_the_certificate(variable v, const certs::client_certificate& shown) {
    using kind = certs::client_certificate::name::kind;
    switch (v) {
        case variable::ssl_client_s_dn: return shown.subject;
        case variable::ssl_client_i_dn: return shown.issuer;
        case variable::ssl_client_s_dn_legacy: return certs::legacy_subject(shown.certificate);
        case variable::ssl_client_i_dn_legacy: return certs::legacy_issuer(shown.certificate);
        case variable::ssl_client_serial: return shown.serial;
        case variable::ssl_client_fingerprint: return certs::sha1_fingerprint(shown.certificate);
        case variable::ssl_client_fingerprint_sha256: return certs::hex(shown.fingerprint);
        case variable::ssl_client_san_dns: return certs::joined_names(shown, kind::dns);
        case variable::ssl_client_san_uri: return certs::joined_names(shown, kind::uri);
        case variable::ssl_client_v_start: return certs::openssl_date(shown.not_before);
        case variable::ssl_client_v_end: return certs::openssl_date(shown.not_after);
        case variable::ssl_client_v_remain: return certs::days_until(shown.not_after, std::chrono::system_clock::now());
        case variable::ssl_client_cert: return certs::pem_in_one_line(shown.certificate);
        case variable::ssl_client_raw_cert: return certs::pem(shown.certificate);
        case variable::ssl_client_escaped_cert: return certs::escaped_pem(shown.certificate);
        default: return {};
    }
}

}  // namespace

std::string client_value(variable v, const ops::connection_record& of) {
    if (!of.tls) return {};
    const auto* shown = of.client_certificate.get();
    if (v == variable::ssl_client_verify) return certs::verify_text(shown);
    if (is_of_the_hello(v)) return of.offered ? of_the_hello(v, *of.offered) : std::string();
    return shown != nullptr ? of_the_certificate(v, *shown) : std::string();
}

bool is_of_the_hello(variable v) {
    switch (v) {
        case variable::ssl_session_id:
        case variable::ssl_ciphers:
        case variable::ssl_curves:
        case variable::ssl_sigalgs:
        case variable::ssl_sigalg:
        case variable::ssl_client_sigalg: return true;
        default: return false;
    }
}

}  // namespace postern::session
