// An authority whose key is at hand, so that tests can sign responses of every kind with it.
#pragma once

#include "certs/staple.hpp"
#include "certs/staple_order.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::certs::testing {

using namespace std::chrono_literals;

// Extensions by NID, in the language of openssl.cnf.
using extensions = std::vector<std::pair<int, std::string>>;

struct certified {
    x509_ptr certificate;
    pkey_ptr key;
    [[nodiscard]] der bytes() const;
    [[nodiscard]] std::string certificate_pem() const;
    [[nodiscard]] std::string key_pem() const;
};

// `issuer` null: signed by itself, an authority.
[[nodiscard]] certified certify(const std::string& name, const certified* issuer, const extensions& more = {},
                                const char* key_type = "EC", std::chrono::seconds ends_in = 24h);

// How a response is to be made; as it stands: a good one of the issuer's own.
struct recipe {
    int status = 0;  // V_OCSP_CERTSTATUS_...
    std::chrono::seconds this_update{-60};
    std::optional<std::chrono::seconds> next_update = 1h;
    const certified* signer = nullptr;     // null: the issuer
    const EVP_MD* id_digest = nullptr;     // null: SHA-1
    int response_status = 0;               // OCSP_RESPONSE_STATUS_...
    bool signer_inside = true;             // its certificate is part of the response
    const certified* about_too = nullptr;  // another certificate of the issuer's, before this one
};
[[nodiscard]] der respond(const certified& about, const certified& issuer, const recipe& how = {});

// A leaf with its issuer behind it, as an identity.
[[nodiscard]] std::shared_ptr<const identity> identity_of(const certified& leaf, const certified& issuer);

}  // namespace postern::certs::testing
