// One row a key: its name, its member, what kind of text it is, when a change applies, and one line for the operator.
// The parser, the manual, the commented default file and the JSON Schema are all made from these rows; the defaults they
// show are those of a default-constructed struct.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>

namespace postern::config {

// How the text of a value is to be taken, where the member's type does not say it.
enum class unit {
    plain,
    bytes,       // 16k, 10m
    cpus,        // a number, or `auto` for 0
    pin,         // a SHA-256, kept in hexadecimal
    file,        // a path, relative to the folder of the file that names it
    output,      // see parse_log_target; not off
    output_off,  // ... or off
    name,        // a server name
    redirect,    // https or https:PORT
    location,    // a path, after `= ` an exact one
};

// When a changed value takes effect.
enum class applies {
    live,     // with a reload, for new connections
    restart,  // only with a new process
};

// The least and the most that a number, a size (bytes) or a time (milliseconds) may be.
struct bounds {
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

// What a row says beyond its key, its member and its line.
struct facts {
    unit text = unit::plain;
    applies when = applies::live;
    bounds within = {};
    std::string_view example = {};  // for the commented default file, where a key has no default
    bool needed = false;            // stands in that file without a comment mark
    bool zero = false;              // a time of 0 has a meaning
    bool written = false;           // a path where we write, and which is nobody else's to change
};

template <class Struct, class Member>
struct field {
    std::string_view key;
    Member Struct::*member;
    std::string_view line;
    facts about;
};

template <class Struct, class Member>
constexpr field<Struct, Member> row(std::string_view key, Member Struct::*member, std::string_view line,
                                    facts about = {}) {
    return {key, member, line, about};
}

template <class Struct>
inline constexpr bool has_fields = false;
template <class Struct>
inline constexpr auto fields = nullptr;

template <>
inline constexpr bool has_fields<limits> = true;
template <>
inline constexpr auto fields<limits> = std::tuple{
    row("connections", &limits::connections, "client connections of the whole process; more wait in the kernel's queue",
        {.within = {.least = 1}}),
    row("handshakes_in_flight", &limits::handshakes_in_flight, "TLS handshakes that one worker runs at once; more wait",
        {.within = {.least = 1}}),
    row("handshakes_waiting", &limits::handshakes_waiting,
        "ClientHellos that one worker keeps waiting, resumptions first, before it stops to accept",
        {.within = {.least = 1}}),
    row("handshake_rate", &limits::handshake_rate,
        "TLS handshakes a second that the whole process begins, and as many at once; a client beyond it is reset; 0: "
        "no "
        "limit (HAProxy's maxsslrate)",
        {.within = {.most = 1'000'000}}),
    row("handshake_rate_per_address", &limits::handshake_rate_per_address,
        "the same for each client address, IPv6 by its /64; 0: no limit", {.within = {.most = 1'000'000}}),
    row("handshake_timeout", &limits::handshake_timeout,
        "from accept to the end of the handshake, where the server sets none of its own"),
};

template <>
inline constexpr bool has_fields<log> = true;
template <>
inline constexpr auto fields<log> = std::tuple{
    row("level", &log::level, "the least severe diagnostics that are written"),
    row("format", &log::format, "of diagnostics and access lines"),
    row("file", &log::file,
        "where diagnostics go: a file, which SIGUSR1 reopens; stdout; stderr; journal (journald's own protocol, with "
        "POSTERN_* fields); syslog (RFC 5424 to /dev/log), or nginx's syslog:server=ADDRESS with facility, "
        "severity, tag and nohostname, where ADDRESS is unix:/path or an IP address and a port (UDP)",
        {.text = unit::output}),
    row("access", &log::access, "where access lines go, one a connection or request; as `file`, or off",
        {.text = unit::output_off}),
    row("handshake_failures_per_second", &log::handshake_failures_per_second,
        "access lines of failed handshakes that a worker writes, and as many of connections that end before their "
        "handshake for another reason; how many it left out is said in the diagnostics; 0: all",
        {.within = {.most = 1'000'000}}),
};

template <>
inline constexpr bool has_fields<admin> = true;
template <>
inline constexpr auto fields<admin> = std::tuple{
    row("listen", &admin::listen,
        "the admin listener, which answers / (a page for people), /status (the same as JSON), /healthz, /readyz and, "
        "for Prometheus, /metrics; keep it on loopback, where only addresses, localhost and names without a dot reach "
        "it, or on a unix socket",
        {.when = applies::restart, .example = "127.0.0.1:9901"}),
};

template <>
inline constexpr bool has_fields<watch> = true;
template <>
inline constexpr auto fields<watch> = std::tuple{
    row("enabled", &watch::enabled,
        "reload when the configuration or a file that it names has changed; what cannot be served is refused, and the "
        "old goes on"),
    row("debounce", &watch::debounce, "how long files must have been left alone before they are read",
        {.within = {.least = 1, .most = 3600 * 1000}}),
};

template <>
inline constexpr bool has_fields<tls_options> = true;
template <>
inline constexpr auto fields<tls_options> = std::tuple{
    row("handshake", &tls_options::handshake,
        "who does handshakes of TLS 1.3 with clients that need nothing special (X25519, one certificate asked for): "
        "postern, at a third of OpenSSL's cost beside the mathematics, which are OpenSSL's all the same"),
    row("key_schedule", &tls_options::key_schedule,
        "whose code derives the keys of TLS 1.3 from OpenSSL's secrets: postern's costs less, the keys are the same, "
        "and silent connections need no object of OpenSSL's; `postern version` tells where OpenSSL's is used all the "
        "same"),
    row("session_ticket_key", &tls_options::session_ticket_key,
        "of servers that name no session_ticket_key or session_ticket_secret of their own",
        {.text = unit::file, .example = "tickets.key"}),
    row("session_ticket_secret", &tls_options::session_ticket_secret,
        "of servers that name no session_ticket_key or session_ticket_secret of their own; without any, ticket keys "
        "are "
        "made at the start, for all workers, and end with the process",
        {.text = unit::file, .example = "tickets.secret"}),
    row("session_ticket_rotation", &tls_options::session_ticket_rotation,
        "how long a ticket key that was made or derived seals tickets before the next one does; it opens them for "
        "session_timeout more; the same for all who share a secret",
        {.within = {.least = 1000, .most = 366ULL * 24 * 3600 * 1000}}),
};

template <>
inline constexpr bool has_fields<upstream> = true;
template <>
inline constexpr auto fields<upstream> = std::tuple{
    row("servers", &upstream::servers,
        "the addresses of the group, taken in turn; names are resolved again when their TTL ends",
        {.example = "[127.0.0.1:9001, 127.0.0.1:9002]"}),
    row("keepalive", &upstream::keepalive, "idle connections that a worker keeps to the group (HTTP)"),
    row("max_fails", &upstream::max_fails, "failed connects within fail_timeout that put an address aside; 0: never"),
    row("fail_timeout", &upstream::fail_timeout, "... and for how long"),
    row("keepalive_timeout", &upstream::keepalive_timeout, "how long an idle connection is kept (HTTP)"),
    row("keepalive_requests", &upstream::keepalive_requests, "requests after which a connection is given up (HTTP)",
        {.within = {.least = 1}}),
    row("proxy_connect_timeout", &upstream::proxy_connect_timeout, "overrides the server's", {.example = "2s"}),
};

template <>
inline constexpr bool has_fields<location> = true;
template <>
inline constexpr auto fields<location> = std::tuple{
    row("path", &location::path, "/prefix or \"= /exact\"; an exact match wins, then the longest prefix",
        {.text = unit::location}),
    row("proxy_pass", &location::proxy_pass, "where requests go", {.example = "http://127.0.0.1:9001"}),
    row("return", &location::return_, "answer every request by this", {.example = "404"}),
    row("proxy_set_header", &location::proxy_set_header, "in place of all of the server's",
        {.example = "{X-Real-IP: $remote_addr}"}),
    row("add_header", &location::add_header, "in place of all of the server's", {.example = "{X-Frame-Options: DENY}"}),
    row("client_max_body_size", &location::client_max_body_size, "overrides the server's",
        {.text = unit::bytes, .example = "1m"}),
    row("proxy_connect_timeout", &location::proxy_connect_timeout, "overrides the server's and the group's",
        {.example = "60s"}),
    row("proxy_read_timeout", &location::proxy_read_timeout, "overrides the server's", {.example = "60s"}),
    row("proxy_send_timeout", &location::proxy_send_timeout, "overrides the server's", {.example = "60s"}),
};

template <>
inline constexpr bool has_fields<ssl> = true;
template <>
inline constexpr auto fields<ssl> = std::tuple{
    row("certificate", &ssl::certificate,
        "PEM: the server's certificate, then its issuers; several for RSA and ECDSA, or for several names; or a "
        "folder of *.pem and *.crt, each with its key in it or in NAME.key",
        {.text = unit::file, .example = "site.crt", .needed = true}),
    row("certificate_key", &ssl::certificate_key,
        "PEM: the key of each certificate, in the same order; left out where the certificate's file holds it",
        {.text = unit::file, .example = "site.key", .needed = true}),
    row("password_file", &ssl::password_file, "passphrases of encrypted keys, one a line, tried in turn",
        {.text = unit::file, .example = "passwords"}),
    row("protocols", &ssl::protocols, "the versions of TLS that are spoken"),
    row("ciphers", &ssl::ciphers, "suites up to TLS 1.2, as an OpenSSL cipher list"),
    row("ciphersuites", &ssl::ciphersuites, "suites of TLS 1.3"),
    row("ecdh_curve", &ssl::ecdh_curve,
        "groups in order of preference, separated by `:`; auto; ?NAME is skipped where unknown"),
    row("dhparam", &ssl::dhparam, "PEM: the parameters of DHE suites, which are offered only with them",
        {.text = unit::file, .example = "dhparam.pem"}),
    row("prefer_server_ciphers", &ssl::prefer_server_ciphers,
        "our order of suites counts, not the client's; clients that put ChaCha20 first get it"),
    row("conf_command", &ssl::conf_command,
        "commands of SSL_CONF_cmd(3) that are run last, each as `NAME VALUE`, for what has no key here",
        {.example = "[Options PrioritizeChaCha]"}),
    row("session_cache", &ssl::session_cache,
        "resumption by session id (TLS 1.2, and TLS 1.3 without tickets); builtin: a cache in each worker; shared: one "
        "for all workers, and for all servers that give it the same NAME; 1m holds some 3000 sessions"),
    row("session_timeout", &ssl::session_timeout, "how long after its first handshake a session may be resumed",
        {.within = {.least = 1000}}),
    row("session_tickets", &ssl::session_tickets, "resumption by tickets"),
    row("session_ticket_key", &ssl::session_ticket_key,
        "files of 80 bytes (AES-256) or 48 (AES-128), as nginx reads them: the first key seals tickets, all open them",
        {.text = unit::file, .example = "tickets.key"}),
    row("session_ticket_secret", &ssl::session_ticket_secret,
        "files of 32 random bytes or more, from which and from the time ticket keys are derived: whoever has the same "
        "secret, certificate and rules for clients resumes each other's sessions; the first file's keys seal, those of "
        "all open",
        {.text = unit::file, .example = "tickets.secret"}),
    row("buffer_size", &ssl::buffer_size, "the largest TLS record that is sent",
        {.text = unit::bytes, .within = {512, 16 * 1024}}),
    row("alpn", &ssl::alpn, "protocols to choose from by ALPN; a client that offers none of them is refused",
        {.example = "[http/1.1]"}),
    row("reject_handshake", &ssl::reject_handshake, "refuse every client that means this server (unrecognized_name)"),
    row("handshake_timeout", &ssl::handshake_timeout, "overrides limits.handshake_timeout", {.example = "10s"}),
    row("client_certificate", &ssl::client_certificate,
        "PEM: the authorities that may have signed clients' certificates",
        {.text = unit::file, .example = "clients-ca.crt"}),
    row("trusted_certificate", &ssl::trusted_certificate,
        "PEM: more authorities, whose names clients are not told; they count for stapling too",
        {.text = unit::file, .example = "ca-chain.crt"}),
    row("crl", &ssl::crl, "PEM: revocation lists, one of each authority in the chain",
        {.text = unit::file, .example = "clients.crl"}),
    row("verify_client", &ssl::verify_client, "whether clients must show a certificate"),
    row("verify_depth", &ssl::verify_depth,
        "how many authorities may stand between a client's certificate and the trusted one", {.within = {.most = 100}}),
    row("stapling", &ssl::stapling,
        "send clients the responder's word that the certificate is not revoked (OCSP); fetched at the start, renewed "
        "early"),
    row("stapling_file", &ssl::stapling_file,
        "DER: a response for the certificate, in place of asking; one of several certificates, the one that it is "
        "about",
        {.text = unit::file, .example = "site.ocsp"}),
    row("stapling_responder", &ssl::stapling_responder,
        "the responder to ask, in place of the one that the certificate names",
        {.example = "http://ocsp.example.org/"}),
    row("stapling_verify", &ssl::stapling_verify,
        "the response must also lead to trusted_certificate or client_certificate; without it, being signed by the "
        "certificate's issuer or for it is enough"),
};

template <>
inline constexpr bool has_fields<allow_rule> = true;
template <>
inline constexpr auto fields<allow_rule> = std::tuple{
    row("cn", &allow_rule::cn, "the common name, letter for letter; a subject with several has none that counts",
        {.example = "alice"}),
    row("ou", &allow_rule::ou, "one of the organizational units, letter for letter", {.example = "web"}),
    row("san_dns", &allow_rule::san_dns,
        "one of the DNS names; `*` stands for characters within a label, `**` for any, at least one",
        {.example = "\"*.clients.example.org\""}),
    row("san_uri", &allow_rule::san_uri,
        "one of the URIs (SPIFFE ids); `*` stands for characters within a segment, `**` for any, at least one",
        {.example = "spiffe://example.org/web/*"}),
    row("san_ip", &allow_rule::san_ip, "one of the addresses", {.example = "192.0.2.0/24"}),
    row("san_email", &allow_rule::san_email, "one of the mail addresses; the case of the domain does not count",
        {.example = "alice@example.org"}),
    row("spki_sha256", &allow_rule::spki_sha256, "the digest of its public key (SubjectPublicKeyInfo in DER)",
        {.text = unit::pin, .example = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}),
};

template <>
inline constexpr bool has_fields<server> = true;
template <>
inline constexpr auto fields<server> = std::tuple{
    row("listen", &server::listen, "addresses to accept on", {.example = "127.0.0.1:8443", .needed = true}),
    row("default_server", &server::default_server,
        "serve names on these addresses that no server has; else the first server does"),
    row("server_name", &server::server_name, "names it serves: exact, \"*.example.org\" or \"www.example.*\"",
        {.text = unit::name, .example = "localhost"}),
    row("ssl", &server::ssl,
        "nginx's ssl directives without their prefix; without this block the server speaks plain HTTP"),
    row("allow", &server::allow,
        "which verified clients may come: one rule is enough, of which all must hold; without it all may; denied is "
        "403, "
        "or the end of a TCP connection"),
    row("proxy_pass", &server::proxy_pass, "where connections (tcp, unix) or requests (http) go",
        {.example = "tcp://127.0.0.1:9001", .needed = true}),
    row("redirect", &server::redirect, "answer every request by a redirect",
        {.text = unit::redirect, .example = "https"}),
    row("return", &server::return_,
        "answer every request by a code and a text or URL, with variables; 444: close without an answer",
        {.example = "301 https://$host$request_uri"}),
    row("locations", &server::locations, "where requests go by their path"),
    row("proxy_connect_timeout", &server::proxy_connect_timeout, "for each address of the destination"),
    row("proxy_timeout", &server::proxy_timeout, "the longest silence in both directions of a TCP connection"),
    row("proxy_read_timeout", &server::proxy_read_timeout, "the longest silence of the backend in an answer (HTTP)"),
    row("proxy_send_timeout", &server::proxy_send_timeout, "the longest time between two writes of a request (HTTP)"),
    row("client_header_timeout", &server::client_header_timeout, "for a request's head as a whole (HTTP)"),
    row("client_body_timeout", &server::client_body_timeout, "the longest time between two reads of a request's body"),
    row("send_timeout", &server::send_timeout, "the longest time between two writes of an answer (HTTP)"),
    row("keepalive_timeout", &server::keepalive_timeout, "how long an idle client is kept (HTTP); 0s: not at all",
        {.zero = true}),
    row("keepalive_requests", &server::keepalive_requests, "requests of one connection, after which it is closed",
        {.within = {.least = 1}}),
    row("client_max_body_size", &server::client_max_body_size, "the largest body of a request; 0: any",
        {.text = unit::bytes}),
    row("large_client_header_buffers", &server::large_client_header_buffers,
        "a request line or header fits into one of them, the whole head into all; at most 64k"),
    row("proxy_set_header", &server::proxy_set_header,
        "headers of requests to backends, by name, with variables; an empty one is left out",
        {.example = "{X-Real-IP: $remote_addr}"}),
    row("add_header", &server::add_header, "headers added to answers, by name, with variables",
        {.example = "{X-Frame-Options: DENY}"}),
    row("forwarded", &server::forwarded, "send Forwarded (RFC 7239) to backends"),
    row("client_cert_header", &server::client_cert_header,
        "send the client's certificate to backends as Client-Cert (RFC 9440); with optional_no_ca also one that nobody "
        "has verified"),
    row("client_cert_chain_header", &server::client_cert_chain_header,
        "send what the client has shown beside it as Client-Cert-Chain; sessions are not resumed then, since a resumed "
        "one knows no chain"),
    row("plain_http", &server::plain_http, "what plain HTTP on a TLS port gets: 400, or a redirect to https"),
    row("hsts", &server::hsts,
        "the max-age of Strict-Transport-Security, instead of a backend's own; 0s takes an earlier one back",
        {.example = "1y", .zero = true}),
};

template <>
inline constexpr bool has_fields<settings> = true;
template <>
inline constexpr auto fields<settings> = std::tuple{
    row("workers", &settings::workers, "threads that serve connections; auto: one a CPU that the process may use",
        {.text = unit::cpus, .when = applies::restart, .within = {1, 1024}}),
    row("user", &settings::user, "user or user:group to become when started as root",
        {.when = applies::restart, .example = "postern"}),
    row("shutdown_timeout", &settings::shutdown_timeout, "how long SIGTERM waits for running connections"),
    row("state_directory", &settings::state_directory,
        "a folder that exists, for what is kept across a restart: OCSP responses",
        {.text = unit::file, .example = "/var/lib/postern", .written = true}),
    row("wait_for_certificate", &settings::wait_for_certificate,
        "how long a start waits for certificates and keys that are not there yet, or not whole, before it fails; "
        "nothing "
        "is listened on until then, but for admin.listen; 0s: not at all",
        {.zero = true}),
    row("watch", &settings::watch, "changes of files without a reload being asked for"),
    row("limits", &settings::limits, "what clients can make grow"),
    row("log", &settings::log, "diagnostics and access lines"),
    row("admin", &settings::admin, "for probes and operators"),
    row("tls", &settings::tls, "how TLS is computed, for all servers"),
    row("trusted_proxies", &settings::trusted_proxies, "addresses and networks whose X-Forwarded-* are believed",
        {.example = "[127.0.0.1, 10.0.0.0/8]"}),
    row("upstreams", &settings::upstreams, "groups of addresses, by name"),
    row("servers", &settings::servers, "what is served, and where"),
};

// Calls `use(row)` for each row of Struct.
template <class Struct, class Use>
constexpr void for_each_field(Use&& use) {
    std::apply([&](const auto&... rows) { (use(rows), ...); }, fields<Struct>);
}

}  // namespace postern::config
