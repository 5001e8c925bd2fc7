// nginx's ssl directives, all of them, and what each is here. What the manual says of them is printed from these rows,
// and so is what the parser says of one that postern does not serve.
#pragma once

#include <array>
#include <string_view>

namespace postern::config {

struct directive {
    enum class standing {
        same,     // its key does what nginx does
        differs,  // its key does otherwise, on purpose: `line` says how and why
        refused,  // there is no key; `line` says why, and what there is in its place
    };
    std::string_view name;  // a directive of nginx's http or stream module; its key has no `ssl_`
    standing is;
    std::string_view line;
};

// By name.
inline constexpr auto directives = [] {
    using enum directive::standing;
    return std::to_array<directive>({
        {"ssl", differs, "a block: a server with one speaks TLS on all its addresses (nginx: listen ... ssl)"},
        {"ssl_alpn", differs,
         "for HTTP too, where http/1.1 and http/1.0 are offered unless it says otherwise; HTTP/0.9 is not spoken"},
        {"ssl_buffer_size", differs, "for TCP too; 512 to 16k"},
        {"ssl_certificate", differs,
         "also a folder; several with one kind of key are told apart by the names in them. No variables, no "
         "`data:`: files are read at start and reload, and what is wrong with them is told then. A chain out of "
         "order is an error"},
        {"ssl_certificate_cache", refused, "no certificate's name holds a variable, so none is loaded in a handshake"},
        {"ssl_certificate_compression", refused, "certificates are sent as they are: OpenSSL 3.0 compresses none"},
        {"ssl_certificate_key", differs,
         "may be left out where the certificate's file holds the key. No `engine:`, `store:` and `data:`"},
        {"ssl_ciphers", differs,
         "ECDHE with AES-GCM and ChaCha20 by default (nginx: HIGH:!aNULL:!MD5). Never a suite without "
         "authentication or encryption. An unknown word is an error: OpenSSL passes over it"},
        {"ssl_client_certificate", same, ""},
        {"ssl_conf_command", differs,
         "a list. What has a key of its own is refused with the key's name; `ciphersuites` is one. Renegotiation "
         "and compression stay off"},
        {"ssl_crl", same, ""},
        {"ssl_dhparam", differs, "weak parameters draw a warning, and so do some that no cipher uses"},
        {"ssl_early_data", refused,
         "early data can be replayed, which only the application can tell (RFC 8446, section 8): clients send their "
         "requests after the handshake"},
        {"ssl_ecdh_curve", differs,
         "auto is X25519MLKEM768 where OpenSSL has it, X25519, prime256v1, secp384r1 (nginx: the library's list). "
         "An unknown group is an error, unless `?` stands before it"},
        {"ssl_ech_file", refused, "OpenSSL 3 has no Encrypted Client Hello"},
        {"ssl_handshake_timeout", differs,
         "for HTTP too; 10s by default, from accept to the end of the handshake (nginx: 60s, and for HTTP "
         "client_header_timeout twice)"},
        {"ssl_key_log", refused, "keys of connections are not written to files"},
        {"ssl_object_cache_inheritable", refused, "a reload reads every certificate again"},
        {"ssl_ocsp", refused, "clients' certificates are looked up in `crl`; no responder is asked in a handshake"},
        {"ssl_ocsp_cache", refused,
         "clients' certificates are looked up in `crl`; no responder is asked in a handshake"},
        {"ssl_ocsp_responder", refused,
         "clients' certificates are looked up in `crl`; no responder is asked in a handshake"},
        {"ssl_password_file", same, ""},
        {"ssl_prefer_server_ciphers", differs,
         "on by default: postern's order begins with what is cheap. Clients that put ChaCha20 first get it, as "
         "those without AES instructions do"},
        {"ssl_protocols", differs,
         "TLSv1.2 and TLSv1.3 by default; counts for each server name (nginx: from 1.29.2 on). No SSLv2 and SSLv3. "
         "TLSv1 and TLSv1.1 really work where they are named, without another setting: OpenSSL's security level of "
         "that server alone is 0 then, and newer versions still sign without SHA-1"},
        {"ssl_reject_handshake", same, ""},
        {"ssl_session_cache", differs,
         "one kind, not builtin and shared at once; `shared:SIZE` without a name is the server's own. A session "
         "goes on only with the certificates and the rules for clients that it began with"},
        {"ssl_session_ticket_key", differs,
         "without a file all workers share keys that the daemon makes and renews, also without a shared session cache; "
         "`session_ticket_secret` derives them from a secret and the time"},
        {"ssl_session_tickets", differs,
         "one ticket a handshake in TLS 1.3 (nginx: two), and none where neither tickets nor a cache would resume "
         "it"},
        {"ssl_session_timeout", differs, "at least 1s"},
        {"ssl_stapling", differs, "fetched before a client asks and kept fresh; what has expired is never sent"},
        {"ssl_stapling_file", differs,
         "looked at when it is read: one that is about another certificate, is not signed by its issuer or has expired "
         "is not sent, and a warning says so"},
        {"ssl_stapling_responder", same, ""},
        {"ssl_stapling_verify", differs,
         "a response must be signed by the certificate's issuer, or for it, also when this is off"},
        {"ssl_trusted_certificate", same, ""},
        {"ssl_verify_client", differs,
         "a certificate whose time has come to its end since the first handshake does not resume"},
        {"ssl_verify_depth", differs, "at most 100"},
    });
}();

// The key in an ssl block that stands for it; of `ssl` itself, the block's own.
[[nodiscard]] constexpr std::string_view key_of(const directive& d) {
    return d.name.starts_with("ssl_") ? d.name.substr(4) : d.name;
}

// The refused directive that this key of an ssl block would be; null: it is none.
[[nodiscard]] constexpr const directive* refused_directive(std::string_view key) {
    for (const auto& d : directives)
        if (d.is == directive::standing::refused && key_of(d) == key) return &d;
    return nullptr;
}

}  // namespace postern::config
