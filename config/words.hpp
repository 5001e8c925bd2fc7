// Settings that are one of a few words.
#pragma once

#include "config/settings.hpp"

#include <array>
#include <string_view>

namespace postern::config {

template <class T>
struct word {
    std::string_view text;
    T value;
};

template <class T>
inline constexpr bool has_words = false;
template <class T>
inline constexpr auto words = nullptr;

template <>
inline constexpr bool has_words<protocol> = true;
template <>
inline constexpr auto words<protocol> = std::to_array<word<protocol>>({{"TLSv1", protocol::tls_1_0},
                                                                       {"TLSv1.1", protocol::tls_1_1},
                                                                       {"TLSv1.2", protocol::tls_1_2},
                                                                       {"TLSv1.3", protocol::tls_1_3}});
template <>
inline constexpr bool has_words<verify_mode> = true;
template <>
inline constexpr auto
    words<verify_mode> = std::to_array<word<verify_mode>>({{"off", verify_mode::off},
                                                           {"on", verify_mode::on},
                                                           {"optional", verify_mode::optional},
                                                           {"optional_no_ca", verify_mode::optional_no_ca}});
template <>
inline constexpr bool has_words<log_level> = true;
template <>
inline constexpr auto words<log_level> = std::to_array<word<log_level>>({{"debug", log_level::debug},
                                                                         {"info", log_level::info},
                                                                         {"warning", log_level::warning},
                                                                         {"error", log_level::error}});
template <>
inline constexpr bool has_words<log_format> = true;
template <>
inline constexpr auto words<log_format> = std::to_array<word<log_format>>({{"text", log_format::text},
                                                                           {"json", log_format::json}});

template <>
inline constexpr bool has_words<handshake_by> = true;
template <>
inline constexpr auto words<handshake_by> = std::to_array<word<handshake_by>>({{"postern", handshake_by::postern},
                                                                               {"openssl", handshake_by::openssl}});
template <>
inline constexpr bool has_words<key_schedule> = true;
template <>
inline constexpr auto words<key_schedule> = std::to_array<word<key_schedule>>({{"postern", key_schedule::postern},
                                                                               {"openssl", key_schedule::openssl}});

template <>
inline constexpr bool has_words<plain_http> = true;
template <>
inline constexpr auto words<plain_http> = std::to_array<word<plain_http>>({{"reject", plain_http::reject},
                                                                           {"redirect", plain_http::redirect}});

template <class T>
[[nodiscard]] constexpr std::string_view text_of(T value) {
    for (const auto& w : words<T>)
        if (w.value == value) return w.text;
    return {};
}

}  // namespace postern::config
