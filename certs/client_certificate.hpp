// Whom a client has shown itself to be: its certificate as plain values, which outlive the TLS object of its connection.
// All text in it is foreign.
#pragma once

#include "certs/identity.hpp"
#include "certs/openssl.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::certs {

using sha256 = std::array<std::uint8_t, 32>;

struct client_certificate {
    // What a rule of `allow` may ask for.
    struct name {
        enum class kind : std::uint8_t { cn, ou, dns, uri, ip, email };
        kind of;
        std::string text;  // an address in its usual form; else as it stands in the certificate, in UTF-8
    };

    long verify_result = X509_V_OK;  // OpenSSL's X509_V_...
    der certificate;
    std::vector<der> chain;  // what the client has shown behind it; empty unless it was asked for
    std::string subject;     // RFC 2253
    std::string issuer;
    std::string serial;  // hexadecimal
    sha256 fingerprint{};
    sha256 key_fingerprint{};  // of the SubjectPublicKeyInfo
    std::vector<name> names;   // in the certificate's order
    time_point not_before;
    time_point not_after;
};

// All but the verify result and the chain.
[[nodiscard]] client_certificate describe(X509* certificate);

// What the client of a finished handshake has shown, now or in the session that it has resumed; null: no certificate, or
// none was asked for. `with_chain`: only a full handshake has one. The context is one of make_context's.
[[nodiscard]] std::unique_ptr<const client_certificate> shown_by_client(SSL* ssl, bool with_chain);

// SUCCESS, FAILED:reason or (null) NONE, as nginx's $ssl_client_verify.
[[nodiscard]] std::string verify_text(const client_certificate* shown);

// The parsed certificate again, for what is seldom asked. Null when there is no memory.
[[nodiscard]] x509_ptr parse(const der& certificate);

}  // namespace postern::certs
