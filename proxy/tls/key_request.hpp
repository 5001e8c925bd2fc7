// What OpenSSL asks of a TLS13-KDF, read from its parameters.
#pragma once

#include "proxy/tls/key_schedule.hpp"

#include <openssl/core.h>

#include <optional>
#include <string_view>

namespace postern::tls {

struct key_request {
    bool extract = false;  // else expand
    key_schedule::hash hash = key_schedule::hash::sha256;
    key_schedule::bytes key;   // no data: absent
    key_schedule::bytes salt;  // likewise
    key_schedule::label label;
    key_schedule::bytes data;
};

// By any of OpenSSL's names for it.
[[nodiscard]] std::optional<key_schedule::hash> find_hash(std::string_view name);

// Nothing, unless they are complete and of the kinds that libssl 3.0 to 3.6 gives; then OpenSSL has to judge them. The
// request points into the parameters.
[[nodiscard]] std::optional<key_request> read_key_request(const OSSL_PARAM* params);

// False and nothing written where key_schedule refuses.
[[nodiscard]] bool answer(const key_request& r, std::span<std::uint8_t> out);

}  // namespace postern::tls
