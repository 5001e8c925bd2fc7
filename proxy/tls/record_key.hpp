// The key of one direction of a TLS 1.3 connection, and what it does to a record (RFC 8446 sections 5.2, 5.3 and 7.3).
#pragma once

#include "proxy/tls/key_schedule.hpp"
#include "proxy/tls/record_header.hpp"

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace postern::tls {

inline constexpr std::size_t tag_size = 16;
// What a record has beside its content: header, the content's type, tag.
inline constexpr std::size_t record_overhead = header_size + 1 + tag_size;

struct cipher_suite {
    std::uint16_t id;    // on the wire
    const char* name;    // OpenSSL's, as in nginx's $ssl_cipher
    const char* cipher;  // to be fetched
    std::size_t key_size;
    key_schedule::hash hash;
};

// Null unless it is one of TLS 1.3's own that every client has.
[[nodiscard]] const cipher_suite* find_suite(std::uint16_t id);

class record_key {
public:
    enum class use : int { open = 0, seal = 1 };

    // For the records from number `sequence` on under the traffic secret `secret`. Without memory the key is false.
    record_key(use u, const cipher_suite& suite, OSSL_LIB_CTX* library, key_schedule::bytes secret,
               std::uint64_t sequence);
    ~record_key();
    record_key(const record_key&) = delete;
    record_key& operator=(const record_key&) = delete;
    explicit operator bool() const { return context_ != nullptr; }

    // How many records it has seen.
    [[nodiscard]] std::uint64_t sequence() const { return sequence_; }

    // Writes a whole record of `from`, at most largest_content long, to `out`, which has room for it and
    // record_overhead, and does not overlap it. False when OpenSSL fails.
    [[nodiscard]] bool seal(content type, std::span<const std::uint8_t> from, std::uint8_t* out);

    struct opened {
        content type;
        std::size_t size;
    };
    // `record`: a whole one. Its content goes to `to`, with its type and padding behind it: as many bytes as the record
    // is longer than header and tag. `to` may be the record's own payload. Nothing when the record is not authentic.
    [[nodiscard]] std::optional<opened> open(std::span<std::uint8_t> record, std::uint8_t* to);

    // The next generation of the key, from record 0 on (section 7.2). False when OpenSSL fails: then there is no key.
    [[nodiscard]] bool update();

private:
    struct free_context {
        void operator()(EVP_CIPHER_CTX* c) const;
    };
    static constexpr std::size_t iv_size = 12;

    // Sets key and IV of the secret that is there.
    [[nodiscard]] bool take(const EVP_CIPHER* cipher);
    [[nodiscard]] bool begin_record(std::span<const std::uint8_t> header);

    const cipher_suite& suite_;
    const use use_;
    std::unique_ptr<EVP_CIPHER_CTX, free_context> context_;
    std::array<std::uint8_t, 48> secret_{};
    std::array<std::uint8_t, iv_size> iv_{};
    std::uint64_t sequence_;
};

}  // namespace postern::tls
