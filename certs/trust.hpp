// Whom we trust to vouch for clients, as values: authorities and revocation lists, read once and shared by all workers;
// and what nginx's ssl_verify_client makes of a certificate.
#pragma once

#include "certs/identity.hpp"
#include "config/settings.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postern::certs {

// A revocation list as whoever watches wants to know it.
struct list_facts {
    std::string issuer;  // RFC 2253
    time_point next_update;
};

struct trust {
    std::vector<der> named;         // client_certificate: clients are told their names
    std::vector<der> unnamed;       // trusted_certificate
    std::vector<der> revoked;       // crl
    std::vector<list_facts> lists;  // of those that say when the next one comes
    std::string digest;             // of all of it, SHA-256: another one means another trust
};

// Reads the files of an ssl block. Null when it names none, or with an error in `found`, keys relative to the block; what
// an operator should know is a warning.
[[nodiscard]] std::shared_ptr<const trust> load_trust(const config::ssl& settings, config::problems& found);

enum class verdict : std::uint8_t {
    passed,   // verified, or nothing is required of it
    missing,  // a certificate is required and none was shown (nginx's 496)
    failed,   // it did not verify (495)
};

// `result`: OpenSSL's X509_V_...; without a certificate it does not count.
[[nodiscard]] verdict judge(config::verify_mode mode, bool shown, long result);

// What optional_no_ca lets pass: a certificate that is sound, and that nobody whom we know vouches for.
[[nodiscard]] bool is_tolerable(long result);

}  // namespace postern::certs
