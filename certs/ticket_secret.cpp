#include "certs/ticket_secret.hpp"

#include "certs/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <string>

namespace postern::certs {
namespace {

using kdf_ptr = std::unique_ptr<EVP_KDF, deleter<EVP_KDF_free>>;
using kdf_context_ptr = std::unique_ptr<EVP_KDF_CTX, deleter<EVP_KDF_CTX_free>>;

constexpr std::size_t id_size = 8;     // the first half of a name
constexpr std::size_t keys_size = 64;  // HMAC-SHA256's and AES-256's
constexpr std::string_view label = "postern session ticket key 1";

std::array<std::uint8_t, 8> big_endian(std::uint64_t number) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
    return bytes;
}

// HKDF-SHA256 (RFC 5869) without a salt.
bool expand(const secret& from, const std::string& info, std::span<std::uint8_t> into) {
    const kdf_ptr method(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    const kdf_context_ptr context(EVP_KDF_CTX_new(method.get()));
    // The casts are the interface's: what is taken is not written to.
    char digest[] = "SHA256";
    auto* key = const_cast<std::uint8_t*>(from.bytes().data());
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, from.bytes().size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()), info.size()),
        OSSL_PARAM_construct_end()};
    const bool done = context && EVP_KDF_derive(context.get(), into.data(), into.size(), parameters) == 1;
    if (!done) static_cast<void>(take_errors());
    return done;
}

class derived final : public ticket_source {
public:
    explicit derived(std::vector<secret> from) : ticket_source(nullptr), from_(std::move(from)) {}

private:
    next at(std::time_t now, const ticket_terms& terms) override {
        const auto rotation = static_cast<std::uint64_t>(std::max<std::int64_t>(terms.rotation.count(), 1));
        const auto lifetime = static_cast<std::uint64_t>(std::max<std::int64_t>(terms.lifetime.count(), 0));
        const std::uint64_t epoch = static_cast<std::uint64_t>(std::max<std::time_t>(now, 0)) / rotation;
        const std::uint64_t back = std::max<std::uint64_t>((lifetime + rotation - 1) / rotation, 1);
        const auto until = static_cast<std::time_t>((epoch + 1) * rotation);
        if (epoch == epoch_ && back == back_ && rotation == rotation_) return {nullptr, until};
        std::vector<ticket_key_ptr> all;
        for (const auto& one : from_) {
            all.push_back(derive_ticket_key(one, terms.rotation, epoch));
            all.push_back(derive_ticket_key(one, terms.rotation, epoch + 1));
            for (std::uint64_t i = 1; i <= back && i <= epoch; ++i)
                all.push_back(derive_ticket_key(one, terms.rotation, epoch - i));
        }
        if (std::find(all.begin(), all.end(), nullptr) != all.end()) return {nullptr, now + 1};
        epoch_ = epoch;
        back_ = back;
        rotation_ = rotation;
        return {std::make_shared<const ticket_keys>(std::move(all)), until};
    }

    std::vector<secret> from_;
    // What the keys were derived for; the first turn finds no epoch of length 0.
    std::uint64_t epoch_ = 0;
    std::uint64_t back_ = 0;
    std::uint64_t rotation_ = 0;
};

}  // namespace

ticket_key_ptr derive_ticket_key(const secret& from, std::chrono::seconds rotation, std::uint64_t epoch) {
    const auto length = big_endian(static_cast<std::uint64_t>(rotation.count()));
    const auto number = big_endian(epoch);
    std::string info(label);
    info.append(length.begin(), length.end()).append(number.begin(), number.end());
    std::vector<std::uint8_t> bytes(ticket_key::name_size + keys_size);
    // The id of the key and the keys themselves are drawn in one piece: the epoch takes its place between them after that.
    const auto drawn = std::span(bytes).subspan(ticket_key::name_size - id_size);
    if (!expand(from, info, drawn)) return nullptr;
    std::copy_n(drawn.begin(), id_size, bytes.begin());
    std::copy(number.begin(), number.end(), drawn.begin());
    return std::make_shared<const ticket_key>(*ticket_key::of(secret(std::move(bytes))));
}

std::shared_ptr<ticket_source> derived_tickets(std::vector<secret> from) {
    return std::make_shared<derived>(std::move(from));
}

}  // namespace postern::certs
