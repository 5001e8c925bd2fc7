#include "proxy/session/guard.hpp"

#include "certs/access.hpp"
#include "certs/trust.hpp"
#include "proxy/tls/handshake.hpp"

namespace postern::session {
namespace {

failure denied(const certs::client_certificate* shown, phase during) {
    const auto detail = shown == nullptr ? std::string("no certificate, and allow asks for one")
                                         : "allow has no rule for " + shown->subject;
    return {party::client, during, reason::client_cert_denied, detail};
}

}  // namespace

std::optional<failure> refuse_client(const config::server& server, const certs::client_certificate* shown,
                                     phase during) {
    if (!server.ssl) return std::nullopt;
    const long result = shown != nullptr ? shown->verify_result : X509_V_OK;
    switch (certs::judge(server.ssl->verify_client, shown != nullptr, result)) {
        case certs::verdict::missing: return failure{party::client, during, reason::client_cert_missing, {}};
        case certs::verdict::failed:
            return failure{party::client, during, tls::certificate_reason(result),
                           X509_verify_cert_error_string(result) + (", of " + shown->subject)};
        case certs::verdict::passed: break;
    }
    if (server.allow.empty()) return std::nullopt;
    if (shown == nullptr || !certs::is_allowed(server.allow, *shown)) return denied(shown, during);
    return std::nullopt;
}

bool guard_alike(const config::server& a, const config::server& b) {
    if (a.ssl.has_value() != b.ssl.has_value()) return false;
    if (!a.ssl) return true;
    return a.ssl->verify_client == b.ssl->verify_client && a.ssl->client_certificate == b.ssl->client_certificate &&
           a.ssl->trusted_certificate == b.ssl->trusted_certificate && a.ssl->crl == b.ssl->crl &&
           a.ssl->verify_depth == b.ssl->verify_depth && a.allow == b.allow &&
           // Only one of them has kept the chain that its backend is to be told.
           a.client_cert_chain_header == b.client_cert_chain_header && a.ssl->protocols == b.ssl->protocols &&
           a.ssl->reject_handshake == b.ssl->reject_handshake;
}

}  // namespace postern::session
