// OCSP stapling (RFC 6960, RFC 6066 section 8): what a responder is asked about one of our certificates, and what its
// answer is worth. No socket, no clock.
#pragma once

#include "certs/identity.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace postern::certs {

enum class staple_status : std::uint8_t { good, revoked };

// A response that stood up to judge_response().
struct staple {
    der response;  // as clients get it
    staple_status status = staple_status::good;
    time_point this_update;
    time_point next_update;  // what tells none is good for an hour
};
using staple_ptr = std::shared_ptr<const staple>;

// The certificate that a response must be about, and whose word counts.
struct staple_subject {
    der leaf;
    der issuer;
    std::vector<der> between;  // more certificates that may lead from the signer to a trusted one
    // nginx's ssl_stapling_verify: the signer must lead to one of these. Empty: the issuer is trusted itself.
    std::vector<der> trusted;

    bool operator==(const staple_subject&) const = default;
};

// The request's DER, without a nonce, so that responders may answer from a cache (RFC 5019). Empty when OpenSSL cannot
// make it.
[[nodiscard]] der make_ocsp_request(const staple_subject& about);

struct judgement {
    staple_ptr made;        // null: see problem. May say `revoked`, which is the caller's business
    std::string problem;    // for a person
    bool untimely = false;  // the problem is its time alone, so that its signature has not been looked at
};

// Looks at any bytes: whole DER, successful, about the certificate, current at `now` (a responder's clock may be ahead by
// five minutes; no staple is current past its next update), signed by the issuer or by whom the issuer has certified to
// sign responses (RFC 6960 section 4.2.2.2).
[[nodiscard]] judgement judge_response(std::span<const std::uint8_t> bytes, const staple_subject& about,
                                       time_point now);

}  // namespace postern::certs
