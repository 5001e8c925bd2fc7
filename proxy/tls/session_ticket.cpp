#include "proxy/tls/session_ticket.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>

namespace postern::tls {
namespace {

constexpr std::size_t block_size = 16;  // of AES
constexpr std::size_t mac_size = key_schedule::size_of(key_schedule::hash::sha256);
constexpr std::uint32_t longest_lifetime = 7 * 24 * 60 * 60;

struct free_cipher {
    void operator()(EVP_CIPHER* c) const { EVP_CIPHER_free(c); }
    void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};

// With padding, a block at the most, behind it. False when OpenSSL fails.
bool encrypt(std::span<const std::uint8_t> from, const certs::ticket_key& key, const std::uint8_t* iv,
             OSSL_LIB_CTX* context, std::uint8_t* out) {
    const std::unique_ptr<EVP_CIPHER, free_cipher> cipher(
        EVP_CIPHER_fetch(context, key.aes().size() == 32 ? "AES-256-CBC" : "AES-128-CBC", nullptr));
    const std::unique_ptr<EVP_CIPHER_CTX, free_cipher> with(EVP_CIPHER_CTX_new());
    int n = 0;
    int last = 0;
    return cipher && with && EVP_EncryptInit_ex(with.get(), cipher.get(), nullptr, key.aes().data(), iv) == 1 &&
           EVP_EncryptUpdate(with.get(), out, &n, from.data(), static_cast<int>(from.size())) == 1 &&
           EVP_EncryptFinal_ex(with.get(), out + n, &last) == 1;
}

// Without its padding. Nothing when that is wrong, too.
std::vector<std::uint8_t> decrypt(std::span<const std::uint8_t> from, const certs::ticket_key& key,
                                  const std::uint8_t* iv, OSSL_LIB_CTX* context) {
    const std::unique_ptr<EVP_CIPHER, free_cipher> cipher(
        EVP_CIPHER_fetch(context, key.aes().size() == 32 ? "AES-256-CBC" : "AES-128-CBC", nullptr));
    const std::unique_ptr<EVP_CIPHER_CTX, free_cipher> with(EVP_CIPHER_CTX_new());
    std::vector<std::uint8_t> out(from.size() + block_size);
    int n = 0;
    int last = 0;
    const bool done = cipher && with &&
                      EVP_DecryptInit_ex(with.get(), cipher.get(), nullptr, key.aes().data(), iv) == 1 &&
                      EVP_DecryptUpdate(with.get(), out.data(), &n, from.data(), static_cast<int>(from.size())) == 1 &&
                      EVP_DecryptFinal_ex(with.get(), out.data() + n, &last) == 1;
    if (!done) OPENSSL_cleanse(out.data(), out.size());
    out.resize(done ? static_cast<std::size_t>(n + last) : 0);
    return out;
}

void put(std::uint8_t*& at, std::size_t number, std::size_t bytes) {
    for (; bytes > 0; --bytes) *at++ = static_cast<std::uint8_t>(number >> 8 * (bytes - 1));
}

void put(std::uint8_t*& at, std::span<const std::uint8_t> bytes) { at = std::ranges::copy(bytes, at).out; }

}  // namespace

std::vector<std::uint8_t> new_session_ticket(std::span<const std::uint8_t> session, std::uint32_t lifetime,
                                             const certs::ticket_key& key, OSSL_LIB_CTX* context) {
    struct {
        std::array<std::uint8_t, block_size> iv;
        // Hides the ticket's age from whoever looks on; nobody here asks how old the client takes it for.
        std::array<std::uint8_t, 4> age_add;
    } random;
    static_assert(sizeof random == block_size + 4);
    if (RAND_bytes_ex(context, reinterpret_cast<std::uint8_t*>(&random), sizeof random, 0) != 1) return {};

    const std::size_t encrypted = (session.size() / block_size + 1) * block_size;
    const std::size_t ticket = key.name().size() + block_size + encrypted + mac_size;
    const std::size_t body = 4 + random.age_add.size() + 1 + ticket_nonce.size() + 2 + ticket + 2;
    std::vector<std::uint8_t> message(4 + body);
    auto* at = message.data();
    put(at, SSL3_MT_NEWSESSION_TICKET, 1);
    put(at, body, 3);
    put(at, std::min(lifetime, longest_lifetime), 4);
    put(at, random.age_add);
    put(at, ticket_nonce.size(), 1);
    put(at, ticket_nonce);
    put(at, ticket, 2);
    const auto* const begin = at;
    put(at, key.name());
    put(at, random.iv);
    if (!encrypt(session, key, random.iv.data(), context, at)) return {};
    at += encrypted;
    // HKDF-Extract is HMAC (RFC 5869 section 2.2).
    if (!key_schedule::extract(key_schedule::hash::sha256, key.hmac(), {begin, at}, {at, mac_size})) return {};
    at += mac_size;
    put(at, 0, 2);  // no extensions
    return message;
}

certs::secret open_ticket(std::span<const std::uint8_t> ticket, const certs::ticket_keys& keys, OSSL_LIB_CTX* context) {
    constexpr std::size_t before = certs::ticket_key::name_size + block_size;
    if (ticket.size() < before + block_size + mac_size) return {};
    const auto* const key = keys.find(ticket);
    if (key == nullptr) return {};
    const auto signed_part = ticket.first(ticket.size() - mac_size);
    std::array<std::uint8_t, mac_size> mac;
    if (!key_schedule::extract(key_schedule::hash::sha256, key->hmac(), signed_part, mac) ||
        CRYPTO_memcmp(mac.data(), ticket.last(mac_size).data(), mac_size) != 0)
        return {};
    return certs::secret(
        decrypt(signed_part.subspan(before), *key, ticket.data() + certs::ticket_key::name_size, context));
}

}  // namespace postern::tls
