#include "proxy/failure.hpp"

#include <cstdio>
#include <cstdlib>

namespace postern {

std::string_view to_string(reason r) {
    switch (r) {
        case reason::closed: return "closed";
        case reason::answered: return "answered";
        case reason::client_gone: return "client_gone";
        case reason::not_tls: return "not_tls";
        case reason::plain_http: return "plain_http";
        case reason::bad_client_hello: return "bad_client_hello";
        case reason::sslv2_hello: return "sslv2_hello";
        case reason::hello_too_large: return "hello_too_large";
        case reason::no_common_protocol: return "no_common_protocol";
        case reason::no_common_cipher: return "no_common_cipher";
        case reason::no_common_group: return "no_common_group";
        case reason::no_common_signature: return "no_common_signature";
        case reason::no_alpn: return "no_alpn";
        case reason::unknown_sni: return "unknown_sni";
        case reason::sni_mismatch: return "sni_mismatch";
        case reason::client_cert_missing: return "client_cert_missing";
        case reason::client_cert_expired: return "client_cert_expired";
        case reason::client_cert_revoked: return "client_cert_revoked";
        case reason::client_cert_untrusted: return "client_cert_untrusted";
        case reason::client_cert_denied: return "client_cert_denied";
        case reason::peer_alert: return "peer_alert";
        case reason::peer_closed: return "peer_closed";
        case reason::bad_record: return "bad_record";
        case reason::protocol_error: return "protocol_error";
        case reason::handshake_timeout: return "handshake_timeout";
        case reason::handshake_rate: return "handshake_rate";
        case reason::address_rate: return "address_rate";
        case reason::shed: return "shed";
        case reason::resolve_failed: return "resolve_failed";
        case reason::connect_refused: return "connect_refused";
        case reason::connect_timeout: return "connect_timeout";
        case reason::connect_failed: return "connect_failed";
        case reason::client_reset: return "client_reset";
        case reason::client_truncated: return "client_truncated";
        case reason::client_error: return "client_error";
        case reason::upstream_reset: return "upstream_reset";
        case reason::upstream_error: return "upstream_error";
        case reason::idle_timeout: return "idle_timeout";
        case reason::bad_request: return "bad_request";
        case reason::misdirected: return "misdirected";
        case reason::request_timeout: return "request_timeout";
        case reason::body_timeout: return "body_timeout";
        case reason::body_too_large: return "body_too_large";
        case reason::client_closed: return "client_closed";
        case reason::send_timeout: return "send_timeout";
        case reason::upstream_closed: return "upstream_closed";
        case reason::bad_response: return "bad_response";
        case reason::read_timeout: return "read_timeout";
        case reason::write_timeout: return "write_timeout";
        case reason::drain_timeout: return "drain_timeout";
        case reason::stopped: return "stopped";
        case reason::internal: return "internal";
    }
    return "internal";
}

std::string_view to_string(party p) {
    switch (p) {
        case party::client: return "client";
        case party::upstream: return "upstream";
        case party::postern: return "postern";
    }
    return "postern";
}

std::string_view to_string(phase p) {
    switch (p) {
        case phase::hello: return "hello";
        case phase::handshake: return "handshake";
        case phase::connect: return "connect";
        case phase::relay: return "relay";
        case phase::request: return "request";
        case phase::exchange: return "exchange";
    }
    return "relay";
}

bool fails_handshake(reason r) {
    const bool of_the_handshake = r >= reason::not_tls && r <= reason::shed;
    return of_the_handshake || r == reason::internal;
}

void throw_exception_from_error(const failure& f, const boost::source_location& where) {
    std::fprintf(stderr, "postern: bug: value() of a failure (%s) at %s:%u\n", std::string(to_string(f.why)).c_str(),
                 where.file_name(), static_cast<unsigned>(where.line()));
    std::abort();
}

}  // namespace postern
