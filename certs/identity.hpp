// Whom we say we are: a certificate chain and its key, read and checked together. An immutable value that all workers
// share; each parses it into objects of its own (context.cpp).
#pragma once

#include "certs/openssl.hpp"
#include "certs/secret.hpp"
#include "config/problem.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::certs {

using der = std::vector<std::uint8_t>;
using time_point = std::chrono::system_clock::time_point;

struct identity {
    std::vector<der> chain;  // the leaf first
    secret key;              // PKCS#8 or traditional DER

    // Of the leaf.
    std::string subject;  // RFC 2253
    std::string issuer;
    std::string serial;       // hexadecimal
    std::string fingerprint;  // SHA-256, hexadecimal
    // DNS and IP names of the subject alternative name; of a certificate without one, its common name.
    std::vector<std::string> names;
    std::string key_type;  // "EC prime256v1", "RSA 2048", "ED25519"
    time_point not_before;
    time_point not_after;
};

// Reads a PEM chain (leaf first) and its key, which may stand in the same file. `password_file`: one passphrase a line,
// tried in turn; empty: none (nginx's ssl_password_file). `index` names the pair in problems: certificate[0],
// certificate_key[0]. Null with an error in `found` when it cannot be used; what an operator should know is a warning.
[[nodiscard]] std::shared_ptr<const identity> load_identity(std::size_t index, const std::string& certificate_file,
                                                            const std::string& key_file,
                                                            const std::string& password_file, config::problems& found);

// The same from texts in memory.
[[nodiscard]] std::shared_ptr<const identity> parse_identity(std::size_t index, std::string_view certificate_pem,
                                                             std::string_view key_pem,
                                                             const std::vector<std::string_view>& passphrases,
                                                             config::problems& found);

}  // namespace postern::certs
