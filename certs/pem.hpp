// PEM text into OpenSSL's objects, with a reason for a person when that fails.
#pragma once

#include "certs/openssl.hpp"
#include "certs/report.hpp"

#include <string_view>
#include <vector>

namespace postern::certs {

// All certificates, or revocation lists, of a text, in their order, up to the first that is damaged, of which `damage` then
// tells.
[[nodiscard]] std::vector<x509_ptr> read_certificates(std::string_view pem, std::string& damage);
[[nodiscard]] std::vector<crl_ptr> read_revocation_lists(std::string_view pem, std::string& damage);

// All certificates of a text, in their order. Empty with an error reported when there is none or one is damaged.
[[nodiscard]] std::vector<x509_ptr> read_chain(std::string_view pem, const reporter& report);

// The first private key of a text. An encrypted one is tried with each passphrase in turn. Null with an error reported
// when there is none or it cannot be opened.
[[nodiscard]] pkey_ptr read_key(std::string_view pem, const std::vector<std::string_view>& passphrases,
                                const reporter& report);

// The lines of a password file; empty ones and carriage returns at their ends do not count (nginx's ssl_password_file).
// The views are into `text`.
[[nodiscard]] std::vector<std::string_view> split_passphrases(std::string_view text);

}  // namespace postern::certs
