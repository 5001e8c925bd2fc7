// The words that labels of metrics may have where a client chooses them: whatever clients send, there are no more series
// than these make. What is in none of the tables is `_other`.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace postern::ops {

template <std::size_t N>
struct word_table {
    std::array<std::string_view, N> words;  // ascending

    // One more than there are words.
    [[nodiscard]] constexpr std::size_t size() const { return N + 1; }
    [[nodiscard]] constexpr std::string_view operator[](std::size_t at) const { return at < N ? words[at] : "_other"; }
    [[nodiscard]] constexpr std::size_t place_of(std::string_view word) const {
        const auto at = std::lower_bound(words.begin(), words.end(), word);
        return at != words.end() && *at == word ? static_cast<std::size_t>(at - words.begin()) : N;
    }
};
template <std::size_t N>
consteval word_table<N> sorted(std::array<std::string_view, N> words) {
    std::sort(words.begin(), words.end());
    return {words};
}

// The names are OpenSSL's, as in access lines.
inline constexpr auto tls_versions =
    sorted(std::to_array<std::string_view>({"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}));

inline constexpr auto tls_ciphers = sorted(std::to_array<std::string_view>({
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-CHACHA20-POLY1305",
    "DHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-SHA256",
    "DHE-RSA-AES128-SHA",
    "DHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA256",
    "AES256-SHA256",
    "AES128-SHA",
    "AES256-SHA",
}));

// `none`: a resumption of TLS 1.2, or a key exchange without a group.
inline constexpr auto tls_groups = sorted(std::to_array<std::string_view>(
    {"none", "X25519", "X448", "secp256r1", "secp384r1", "secp521r1", "X25519MLKEM768", "SecP256r1MLKEM768",
     "SecP384r1MLKEM1024", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"}));

inline constexpr auto http_methods = sorted(
    std::to_array<std::string_view>({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}));

// By the first digit of the status.
inline constexpr std::array<std::string_view, 6> status_classes{"_other", "1xx", "2xx", "3xx", "4xx", "5xx"};
[[nodiscard]] constexpr std::size_t status_class(unsigned status) {
    return status >= 100 && status < 600 ? status / 100 : 0;
}

}  // namespace postern::ops
