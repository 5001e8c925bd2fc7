// What surrounds a handshake as values: the facts it agreed on, and the one reason why it failed.
#pragma once

#include "certs/client_certificate.hpp"
#include "proxy/failure.hpp"
#include "proxy/tls/offers.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace postern::tls {

// The names are the library's static strings or OpenSSL's own; `alpn` is the protocol chosen, empty if none.
struct facts {
    std::string_view version;  // "TLSv1.3"
    std::string_view cipher;   // OpenSSL's name, as in nginx's $ssl_cipher: "TLS_AES_128_GCM_SHA256"
    std::string_view group;    // "X25519"; empty where no group was used (TLS 1.2 resumption)
    std::string alpn;
    bool resumed = false;
    std::unique_ptr<const certs::client_certificate> client;  // null: it has shown none
    std::unique_ptr<const offers> offered;                    // null unless it was asked for
};

// What facts may leave out, since it takes memory that few need.
struct more_facts {
    bool client_chain = false;
    bool offers = false;
};

[[nodiscard]] facts facts_of(SSL* ssl, more_facts more = {});

// OpenSSL's name of a group as the field knows it.
[[nodiscard]] std::string_view group_name(const char* name);

// Of a client whose certificate did not verify (X509_V_...).
[[nodiscard]] reason certificate_reason(long verify_result);

// Whether a server's flight is a HelloRetryRequest (RFC 8446 section 4.1.4), which costs it next to nothing: the client's
// second hello is the one that costs.
[[nodiscard]] bool is_hello_retry_request(std::span<const std::uint8_t> flight);

// Whether a message of the server's, with its header, is a ServerHello and no HelloRetryRequest: what it does with the
// client's hello is decided.
[[nodiscard]] bool is_answer_to_hello(std::span<const std::uint8_t> message);

// Reads and clears OpenSSL's error queue after a failed call on `ssl` and finds the reason and who is to blame for it.
[[nodiscard]] failure explain_failure(SSL* ssl, phase during);

}  // namespace postern::tls
