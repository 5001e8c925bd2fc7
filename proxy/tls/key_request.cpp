#include "proxy/tls/key_request.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <array>
#include <cstring>
#include <string_view>

namespace postern::tls {
namespace {

using key_schedule::bytes;
using key_schedule::hash;

enum piece : std::uint8_t { mode, digest, key, prefix, label, data, salt };
// In the order in which libssl gives them.
constexpr std::array<std::string_view, 7> names{OSSL_KDF_PARAM_MODE,   OSSL_KDF_PARAM_DIGEST, OSSL_KDF_PARAM_KEY,
                                                OSSL_KDF_PARAM_PREFIX, OSSL_KDF_PARAM_LABEL,  OSSL_KDF_PARAM_DATA,
                                                OSSL_KDF_PARAM_SALT};

// Empty octets are for OpenSSL to judge, too: they are an error in one place and a value in the next.
bool read_octets(const OSSL_PARAM& p, bytes& to) {
    if (p.data_type != OSSL_PARAM_OCTET_STRING || p.data == nullptr || p.data_size == 0) return false;
    to = {static_cast<const std::uint8_t*>(p.data), p.data_size};
    return true;
}

bool read_mode(const OSSL_PARAM& p, key_request& to) {
    int given = 0;
    if (p.data_type != OSSL_PARAM_INTEGER || p.data_size != sizeof given || p.data == nullptr) return false;
    std::memcpy(&given, p.data, sizeof given);
    to.extract = given == EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    return to.extract || given == EVP_KDF_HKDF_MODE_EXPAND_ONLY;
}

bool read_digest(const OSSL_PARAM& p, key_request& to) {
    if (p.data_type != OSSL_PARAM_UTF8_STRING || p.data == nullptr) return false;
    // The end is a zero, whatever data_size says: OpenSSL reads it so.
    const auto found = find_hash(static_cast<const char*>(p.data));
    to.hash = found.value_or(to.hash);
    return found.has_value();
}

bool read(piece which, const OSSL_PARAM& p, key_request& to) {
    switch (which) {
        case mode: return read_mode(p, to);
        case digest: return read_digest(p, to);
        case key: return read_octets(p, to.key);
        case prefix: return read_octets(p, to.label.prefix);
        case label: return read_octets(p, to.label.name);
        case data: return read_octets(p, to.data);
        case salt: return read_octets(p, to.salt);
    }
    return false;
}

}  // namespace

std::optional<hash> find_hash(std::string_view name) {
    if (name == "SHA2-256" || name == "SHA256") return hash::sha256;
    if (name == "SHA2-384" || name == "SHA384") return hash::sha384;
    return std::nullopt;
}

std::optional<key_request> read_key_request(const OSSL_PARAM* params) {
    if (params == nullptr) return std::nullopt;
    key_request r;
    unsigned seen = 0;
    for (; params->key != nullptr; ++params) {
        const std::string_view name = params->key;
        std::size_t which = 0;
        while (which < names.size() && names[which] != name) ++which;
        // Of two that are alike OpenSSL takes the first.
        if (which == names.size() || (seen & 1U << which) != 0) return std::nullopt;
        if (!read(static_cast<piece>(which), *params, r)) return std::nullopt;
        seen |= 1U << which;
    }
    const auto complete = [&](std::initializer_list<piece> all) {
        for (const auto p : all)
            if ((seen & 1U << p) == 0) return false;
        return true;
    };
    const bool usable = r.extract ? complete({mode, digest}) && (r.salt.empty() || complete({prefix, label}))
                                  : complete({mode, digest, key, prefix, label});
    return usable ? std::optional(r) : std::nullopt;
}

bool answer(const key_request& r, std::span<std::uint8_t> out) {
    if (!r.extract) return key_schedule::expand_label(r.hash, r.key, r.label, r.data, out);
    static constexpr std::array<std::uint8_t, key_schedule::size_of(hash::sha384)> zeros{};
    const bytes input = r.key.empty() ? bytes(zeros).first(key_schedule::size_of(r.hash)) : r.key;
    return r.salt.empty() ? key_schedule::extract(r.hash, {}, input, out)
                          : key_schedule::next_secret(r.hash, r.salt, r.label, input, out);
}

}  // namespace postern::tls
