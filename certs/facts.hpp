// What a certificate or key says, as plain values.
#pragma once

#include "certs/identity.hpp"

#include <span>

namespace postern::certs {

[[nodiscard]] std::string hex(std::span<const std::uint8_t> bytes);  // in small digits
[[nodiscard]] der to_der(X509* certificate);
[[nodiscard]] secret to_der(EVP_PKEY* key);
[[nodiscard]] std::string name_text(const X509_NAME* name);    // RFC 2253, as nginx's $ssl_client_s_dn
[[nodiscard]] std::string utf8_text(const ASN1_STRING* text);  // empty where it is none
// "192.0.2.1", "2001:db8::1"; empty for another number of bytes.
[[nodiscard]] std::string ip_text(const ASN1_OCTET_STRING* address);
[[nodiscard]] std::string serial_text(X509* certificate);
[[nodiscard]] std::string fingerprint(X509* certificate);
[[nodiscard]] std::vector<std::string> names_of(X509* certificate);
[[nodiscard]] std::string digest_text(std::span<const std::uint8_t> bytes);  // SHA-256, hexadecimal
[[nodiscard]] std::string key_type(EVP_PKEY* key);
[[nodiscard]] time_point to_time(const ASN1_TIME* time);  // what time_point cannot hold is the nearest that it can
[[nodiscard]] std::string date_text(time_point when);     // "2026-11-24 09:30:00 UTC"

}  // namespace postern::certs
