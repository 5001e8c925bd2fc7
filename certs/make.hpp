// A certificate authority and certificates for development: the demo, `postern cert dev`, the tests. Never for service.
#pragma once

#include "certs/openssl.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace postern::certs {

enum class key_kind { ec_p256, rsa_2048, ed25519 };

struct pem_pair {
    std::string certificate;
    std::string key;  // PKCS#8, not encrypted
};

struct leaf_request {
    std::vector<std::string> names{"localhost"};  // DNS names and IP addresses; the first is the common name
    key_kind kind = key_kind::ec_p256;
    std::chrono::seconds begins_in{-3600};
    std::chrono::seconds ends_in{30 * 24 * 3600};
};

// Makes keys and signs with a key of its own. Throws std::runtime_error when OpenSSL fails or a name cannot be
// certified.
class development_authority {
public:
    // Signed by itself.
    explicit development_authority(const std::string& common_name = "postern development CA");
    // An authority in the middle, signed by this one; what it issues is served with its certificate behind the leaf.
    [[nodiscard]] development_authority intermediate(const std::string& common_name) const;

    [[nodiscard]] const std::string& certificate() const { return certificate_pem_; }  // PEM
    [[nodiscard]] pem_pair issue(const leaf_request& request) const;

private:
    development_authority(const std::string& common_name, const development_authority* parent);

    pkey_ptr key_;
    x509_ptr certificate_;
    std::string certificate_pem_;
};

}  // namespace postern::certs
