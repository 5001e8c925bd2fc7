// What is told of a client's certificate, in the forms that others know: nginx's variables and RFC 9440's headers. What
// must not end a header, or add to a list, does not stand in them as it is.
#pragma once

#include "certs/client_certificate.hpp"

#include <span>
#include <string>

namespace postern::certs {

[[nodiscard]] std::string pem(const der& certificate);              // $ssl_client_raw_cert
[[nodiscard]] std::string pem_in_one_line(const der& certificate);  // with a space for each line break
[[nodiscard]] std::string escaped_pem(const der& certificate);      // $ssl_client_escaped_cert
[[nodiscard]] std::string sha1_fingerprint(const der& certificate);
// "/C=AU/CN=alice", OpenSSL's old form; empty when there is no memory.
[[nodiscard]] std::string legacy_subject(const der& certificate);
[[nodiscard]] std::string legacy_issuer(const der& certificate);

// "Jan 31 13:59:59 2026 GMT"
[[nodiscard]] std::string openssl_date(time_point when);
// Whole days; 0 once it is over.
[[nodiscard]] std::string days_until(time_point end, time_point now);

// Separated by commas; a comma in a name is %2C. A name with other characters than printable ones of ASCII is left out.
[[nodiscard]] std::string joined_names(const client_certificate& of, client_certificate::name::kind kind);

// RFC 9440 section 2: byte sequences of RFC 8941. The chain is empty when there is none.
[[nodiscard]] std::string client_cert_field(const der& certificate);
[[nodiscard]] std::string client_cert_chain_field(std::span<const der> chain);

}  // namespace postern::certs
