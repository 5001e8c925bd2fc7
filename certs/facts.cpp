#include "certs/facts.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>

#include <arpa/inet.h>

namespace postern::certs {

std::string hex(std::span<const std::uint8_t> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const auto b : bytes) {
        text.push_back(digits[b >> 4]);
        text.push_back(digits[b & 15]);
    }
    return text;
}

der to_der(X509* certificate) {
    der out(static_cast<std::size_t>(std::max(i2d_X509(certificate, nullptr), 0)));
    auto* at = out.data();
    i2d_X509(certificate, &at);
    return out;
}

secret to_der(EVP_PKEY* key) {
    std::vector<std::uint8_t> out(static_cast<std::size_t>(std::max(i2d_PrivateKey(key, nullptr), 0)));
    auto* at = out.data();
    i2d_PrivateKey(key, &at);
    return secret(std::move(out));
}

std::string name_text(const X509_NAME* name) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
    return text_of(out.get());
}

std::string ip_text(const ASN1_OCTET_STRING* address) {
    char text[INET6_ADDRSTRLEN] = "";
    const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
    if (ASN1_STRING_length(address) != 4 && ASN1_STRING_length(address) != 16) return {};
    return ::inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text) != nullptr ? text : "";
}

std::string utf8_text(const ASN1_STRING* text) {
    unsigned char* made = nullptr;
    const int length = ASN1_STRING_to_UTF8(&made, text);
    if (length < 0) return {};
    std::string copy(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
    OPENSSL_free(made);
    return copy;
}

std::string serial_text(X509* certificate) {
    // Not by i2a_ASN1_INTEGER(3), which breaks lines after 35 bytes.
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto* number = X509_get0_serialNumber(certificate);
    const std::span<const std::uint8_t> bytes(ASN1_STRING_get0_data(number),
                                              static_cast<std::size_t>(ASN1_STRING_length(number)));
    std::string text = ASN1_STRING_type(number) == V_ASN1_NEG_INTEGER ? "-" : "";
    if (bytes.empty()) text += "00";
    for (const auto byte : bytes) text += {digits[byte >> 4], digits[byte & 15]};
    return text;
}

std::string fingerprint(X509* certificate) {
    std::uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    X509_digest(certificate, EVP_sha256(), digest, &length);
    return hex({digest, length});
}

std::string digest_text(std::span<const std::uint8_t> bytes) {
    std::uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr);
    return hex({digest, length});
}

std::vector<std::string> names_of(X509* certificate) {
    std::vector<std::string> names;
    const general_names_ptr all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type == GEN_DNS) {
            const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        } else if (name->type == GEN_IPADD) {
            names.push_back(ip_text(name->d.iPAddress));
        }
    }
    if (!all) {
        const X509_NAME* subject = X509_get_subject_name(certificate);
        const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
        if (at >= 0) names.push_back(utf8_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
    }
    ERR_clear_error();
    return names;
}

std::string key_type(EVP_PKEY* key) {
    std::string type = EVP_PKEY_get0_type_name(key) != nullptr ? EVP_PKEY_get0_type_name(key) : "unknown";
    if (type == "EC") {
        char curve[64] = "";
        std::size_t length = 0;
        EVP_PKEY_get_group_name(key, curve, sizeof curve, &length);
        return "EC " + std::string(curve, length);
    }
    if (type == "RSA") return "RSA " + std::to_string(EVP_PKEY_get_bits(key));
    return type;
}

time_point to_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    // The years 0 and 9999, which certificates and responses may name, are beyond nanoseconds in 64 bits.
    constexpr std::time_t farthest = 9'000'000'000;
    return std::chrono::system_clock::from_time_t(std::clamp(::timegm(&parts), -farthest, farthest));
}

std::string date_text(time_point when) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    const auto length = std::strftime(text, sizeof text, "%F %T UTC", &parts);
    return {text, length};
}

}  // namespace postern::certs
