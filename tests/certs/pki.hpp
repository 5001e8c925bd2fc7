// Authorities, certificates of clients with whatever is to be wrong with them, and revocation lists.
#pragma once

#include "certs/openssl.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postern::certs::testing {

// Seconds from now; "URI:spiffe://...,DNS:..." in OpenSSL's words for alternative names.
struct wish {
    std::vector<std::pair<std::string, std::string>> subject{{"CN", "alice"}};
    std::string alternatives = {};
    std::string usage = "clientAuth";
    long begins = -3600;
    long ends = 3600;
};

// A certificate, and the key that it is for: one key for all clients.
[[nodiscard]] EVP_PKEY* client_key();
[[nodiscard]] std::string to_pem(X509* certificate);

class signer {
public:
    // Signed by itself, or by `parent`.
    explicit signer(const std::string& common_name, const signer* parent = nullptr);

    [[nodiscard]] X509* certificate() const { return certificate_.get(); }
    [[nodiscard]] std::string pem() const { return to_pem(certificate_.get()); }
    [[nodiscard]] x509_ptr issue(const wish& w = {}) const;
    // PEM. Seconds from now; `ends` is when the next one is due.
    [[nodiscard]] std::string revoke(const std::vector<X509*>& which, long begins = -3600, long ends = 3600) const;

private:
    pkey_ptr key_;
    x509_ptr certificate_;
};

// Signed by the key that it is for.
[[nodiscard]] x509_ptr self_issued(const wish& w = {});

}  // namespace postern::certs::testing
