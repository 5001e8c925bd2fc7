// Texts with variables in them, written as nginx's: "$host", "${host}:8443", "max-age=60".
#pragma once

#include "config/misread.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// What each one stands for is said by its line in `variables`.
enum class variable : std::uint8_t {
    host,
    http_host,
    hostname,
    remote_addr,
    remote_port,
    server_addr,
    server_port,
    server_name,
    scheme,
    request_method,
    request_uri,
    uri,
    args,
    connection,
    request_id,
    proxy_add_x_forwarded_for,
    ssl_protocol,
    ssl_cipher,
    ssl_curve,
    ssl_server_name,
    ssl_session_reused,
    ssl_alpn_protocol,
    ssl_session_id,
    ssl_ciphers,
    ssl_curves,
    ssl_sigalg,
    ssl_sigalgs,
    ssl_early_data,
    ssl_ech_status,
    ssl_ech_outer_server_name,
    ssl_client_verify,
    ssl_client_s_dn,
    ssl_client_i_dn,
    ssl_client_s_dn_legacy,
    ssl_client_i_dn_legacy,
    ssl_client_serial,
    ssl_client_fingerprint,
    ssl_client_fingerprint_sha256,
    ssl_client_san_dns,
    ssl_client_san_uri,
    ssl_client_v_start,
    ssl_client_v_end,
    ssl_client_v_remain,
    ssl_client_sigalg,
    ssl_client_cert,
    ssl_client_raw_cert,
    ssl_client_escaped_cert,
    msec,
    time_iso8601,
};

struct variable_row {
    std::string_view name;
    variable value;
    std::string_view line;
};

// nginx's names and meanings. What a request does not have is the empty text.
inline constexpr auto variables = std::to_array<variable_row>({
    {"host", variable::host, "the request's host in lower case, without its port; where it has none, $server_name"},
    {"http_host", variable::http_host, "the host as the client sent it, with its port"},
    {"hostname", variable::hostname, "the name of this machine"},
    {"remote_addr", variable::remote_addr, "the client's address"},
    {"remote_port", variable::remote_port, "the client's port"},
    {"server_addr", variable::server_addr, "the address that the client has connected to"},
    {"server_port", variable::server_port, "its port"},
    {"server_name", variable::server_name, "the first name of the server that answers"},
    {"scheme", variable::scheme, "http or https"},
    {"request_method", variable::request_method, "GET, POST, ..."},
    {"request_uri", variable::request_uri, "the request's path and query as received"},
    {"uri", variable::uri, "the path as locations are matched: decoded, without the query"},
    {"args", variable::args, "the query without its `?`"},
    {"connection", variable::connection, "16 hexadecimal digits, other ones for each connection, as in access lines"},
    {"request_id", variable::request_id, "32 hexadecimal digits, other ones for each request"},
    {"proxy_add_x_forwarded_for", variable::proxy_add_x_forwarded_for,
     "X-Forwarded-For as a trusted proxy sent it, with $remote_addr at its end"},
    {"ssl_protocol", variable::ssl_protocol, "TLSv1.3, ..."},
    {"ssl_cipher", variable::ssl_cipher, "the cipher suite, by OpenSSL's name"},
    {"ssl_curve", variable::ssl_curve, "the group of the key exchange"},
    {"ssl_server_name", variable::ssl_server_name, "the name that the client asked for in its handshake (SNI)"},
    {"ssl_session_reused", variable::ssl_session_reused, "r when the session was resumed, else `.`"},
    {"ssl_alpn_protocol", variable::ssl_alpn_protocol, "the protocol that ALPN has chosen"},
    {"ssl_session_id", variable::ssl_session_id, "the id of the session, in hexadecimal"},
    {"ssl_ciphers", variable::ssl_ciphers, "the suites that the client offered; unknown ones as numbers: 0x0a0a"},
    {"ssl_curves", variable::ssl_curves, "the groups that the client offered, likewise"},
    {"ssl_sigalg", variable::ssl_sigalg, "what the server signed its handshake with; empty when it was resumed"},
    {"ssl_sigalgs", variable::ssl_sigalgs, "the signature algorithms that the client offered, as $ssl_curves"},
    {"ssl_early_data", variable::ssl_early_data, "always empty: early data is not accepted"},
    {"ssl_ech_status", variable::ssl_ech_status, "always empty: there is no encrypted ClientHello"},
    {"ssl_ech_outer_server_name", variable::ssl_ech_outer_server_name, "likewise"},
    {"ssl_client_verify", variable::ssl_client_verify, "SUCCESS, FAILED:reason, or NONE without a client certificate"},
    {"ssl_client_s_dn", variable::ssl_client_s_dn, "the subject of the client's certificate (RFC 2253)"},
    {"ssl_client_i_dn", variable::ssl_client_i_dn, "its issuer"},
    {"ssl_client_s_dn_legacy", variable::ssl_client_s_dn_legacy, "the subject with slashes: /O=Example/CN=alice"},
    {"ssl_client_i_dn_legacy", variable::ssl_client_i_dn_legacy, "the issuer with slashes"},
    {"ssl_client_serial", variable::ssl_client_serial, "its serial number, in hexadecimal"},
    {"ssl_client_fingerprint", variable::ssl_client_fingerprint, "its SHA-1, in hexadecimal"},
    {"ssl_client_fingerprint_sha256", variable::ssl_client_fingerprint_sha256, "its SHA-256, in hexadecimal"},
    {"ssl_client_san_dns", variable::ssl_client_san_dns, "its DNS names, separated by commas"},
    {"ssl_client_san_uri", variable::ssl_client_san_uri, "its URIs, separated by commas; a comma in one is %2C"},
    {"ssl_client_v_start", variable::ssl_client_v_start, "when its time begins: Jan 31 13:59:59 2026 GMT"},
    {"ssl_client_v_end", variable::ssl_client_v_end, "when its time ends"},
    {"ssl_client_v_remain", variable::ssl_client_v_remain, "whole days until then"},
    {"ssl_client_sigalg", variable::ssl_client_sigalg,
     "what the client signed its handshake with; empty when it was resumed"},
    {"ssl_client_cert", variable::ssl_client_cert, "the certificate in PEM, with a space for each line break"},
    {"ssl_client_raw_cert", variable::ssl_client_raw_cert, "the certificate in PEM, which no header can hold"},
    {"ssl_client_escaped_cert", variable::ssl_client_escaped_cert, "the certificate in PEM, urlencoded"},
    {"msec", variable::msec, "seconds since 1970, with three digits after the point"},
    {"time_iso8601", variable::time_iso8601, "the local time: 2025-01-31T13:59:59+01:00"},
});

[[nodiscard]] std::string_view name_of(variable v);

// Literal text, or a variable; then `text` is empty.
struct piece {
    std::string text;
    std::optional<variable> value;

    bool operator==(const piece&) const = default;
};

// No literal text holds a control character, so that none can end a header. What a variable stands for may hold one
// ($uri is decoded): who writes a header looks at the whole value.
using text_template = std::vector<piece>;

// The empty text has no pieces. Nothing for an unknown variable, a `$` that begins no name, or a control character;
// `why`, where one is given, then says what is wrong.
[[nodiscard]] std::optional<text_template> parse_text_template(std::string_view text, misread* why = nullptr);

[[nodiscard]] std::string to_string(const text_template& t);

// A header whose value is made for each request. An empty value: the header is left out (nginx).
struct header_template {
    std::string name;
    text_template value;

    bool operator==(const header_template&) const = default;
};

}  // namespace postern::config
