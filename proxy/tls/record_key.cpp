#include "proxy/tls/record_key.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

namespace postern::tls {
namespace {

using key_schedule::bytes;
using key_schedule::hash;
using key_schedule::label_of;

constexpr std::array suites{
    cipher_suite{0x1301, "TLS_AES_128_GCM_SHA256", "AES-128-GCM", 16, hash::sha256},
    cipher_suite{0x1302, "TLS_AES_256_GCM_SHA384", "AES-256-GCM", 32, hash::sha384},
    cipher_suite{0x1303, "TLS_CHACHA20_POLY1305_SHA256", "ChaCha20-Poly1305", 32, hash::sha256}};

int length(std::size_t n) { return static_cast<int>(n); }

}  // namespace

const cipher_suite* find_suite(std::uint16_t id) {
    const auto* found = std::ranges::find(suites, id, &cipher_suite::id);
    return found == suites.end() ? nullptr : found;
}

void record_key::free_context::operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }

record_key::record_key(use u, const cipher_suite& suite, OSSL_LIB_CTX* library, bytes secret, std::uint64_t sequence)
    : suite_(suite), use_(u), context_(EVP_CIPHER_CTX_new()), sequence_(sequence) {
    std::ranges::copy(secret, secret_.begin());
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(library, suite.cipher, nullptr);
    if (!context_ || cipher == nullptr || !take(cipher)) context_.reset();
    EVP_CIPHER_free(cipher);
}

record_key::~record_key() {
    OPENSSL_cleanse(secret_.data(), secret_.size());
    OPENSSL_cleanse(iv_.data(), iv_.size());
}

bool record_key::take(const EVP_CIPHER* cipher) {
    const auto secret = bytes(secret_).first(size_of(suite_.hash));
    std::array<std::uint8_t, 32> key{};
    const auto room = std::span(key).first(suite_.key_size);
    const bool done =
        key_schedule::expand_label(suite_.hash, secret, label_of("key"), {}, room) &&
        key_schedule::expand_label(suite_.hash, secret, label_of("iv"), {}, iv_) &&
        EVP_CipherInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr, static_cast<int>(use_)) == 1;
    OPENSSL_cleanse(key.data(), key.size());
    return done;
}

bool record_key::update() {
    const auto secret = std::span(secret_).first(size_of(suite_.hash));
    // Half of a change would use numbers twice.
    if (!key_schedule::expand_label(suite_.hash, secret, label_of("traffic upd"), {}, secret) || !take(nullptr))
        context_.reset();
    sequence_ = 0;
    return context_ != nullptr;
}

bool record_key::begin_record(bytes header) {
    if (!context_) return false;
    auto nonce = iv_;
    for (std::size_t i = 0; i < sizeof sequence_; ++i)
        nonce[iv_size - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> 8 * i);
    ++sequence_;
    int n = 0;
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), -1) == 1 &&
           EVP_CipherUpdate(context_.get(), nullptr, &n, header.data(), length(header.size())) == 1;
}

bool record_key::seal(content type, bytes from, std::uint8_t* out) {
    const std::size_t payload = from.size() + 1 + tag_size;
    const std::array<std::uint8_t, header_size> header{static_cast<std::uint8_t>(content::application_data), 3, 3,
                                                       static_cast<std::uint8_t>(payload >> 8),
                                                       static_cast<std::uint8_t>(payload)};
    std::ranges::copy(header, out);
    out += header_size;
    const auto last = static_cast<std::uint8_t>(type);
    auto* context = context_.get();
    int n = 0;
    // No call for no bytes: with a null pointer it would have another meaning.
    return begin_record(header) &&
           (from.empty() || EVP_CipherUpdate(context, out, &n, from.data(), length(from.size())) == 1) &&
           EVP_CipherUpdate(context, out + from.size(), &n, &last, 1) == 1 &&
           EVP_CipherFinal_ex(context, out + from.size() + 1, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, length(tag_size), out + from.size() + 1) == 1;
}

std::optional<record_key::opened> record_key::open(std::span<std::uint8_t> record, std::uint8_t* to) {
    if (record.size() <= header_size + tag_size) return std::nullopt;
    const auto header = record.first(header_size);
    const auto payload = record.subspan(header_size, record.size() - header_size - tag_size);
    auto* context = context_.get();
    int n = 0;
    if (!begin_record(header) || EVP_CipherUpdate(context, to, &n, payload.data(), length(payload.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(tag_size), record.last(tag_size).data()) != 1 ||
        EVP_CipherFinal_ex(context, to + payload.size(), &n) != 1)
        return std::nullopt;
    std::size_t size = payload.size();
    while (size > 0 && to[size - 1] == 0) --size;
    // A content of zeros alone has no type: 0 is none that anybody knows.
    if (size == 0) return opened{content{0}, 0};
    return opened{content{to[size - 1]}, size - 1};
}

}  // namespace postern::tls
