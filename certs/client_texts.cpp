#include "certs/client_texts.hpp"

#include "certs/facts.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <ctime>

namespace postern::certs {
namespace {

std::string base64(const der& bytes) {
    // Four characters for three bytes or what is left of them, and a zero.
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(std::max(length, 0)));
    return text;
}

bool is_unreserved(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string legacy(const X509_NAME* name) {
    char* text = X509_NAME_oneline(name, nullptr, 0);
    std::string copy = text != nullptr ? text : "";
    OPENSSL_free(text);
    return copy;
}

bool is_printable(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

// RFC 7468: lines of 64.
std::string pem(const der& certificate) {
    std::string text = "-----BEGIN CERTIFICATE-----\n";
    const auto body = base64(certificate);
    for (std::size_t at = 0; at < body.size(); at += 64) text.append(body, at, 64).append("\n");
    return text + "-----END CERTIFICATE-----\n";
}

// nginx folds the header's line here, which RFC 9112 section 5.2 forbids; this is what its readers unfold it to.
std::string pem_in_one_line(const der& certificate) {
    auto text = pem(certificate);
    text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string escaped_pem(const der& certificate) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char c : pem(certificate)) {
        if (is_unreserved(c)) {
            text += c;
        } else {
            text += '%';
            text += digits[static_cast<unsigned char>(c) >> 4];
            text += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return text;
}

std::string sha1_fingerprint(const der& certificate) {
    std::array<std::uint8_t, 20> digest{};
    EVP_Digest(certificate.data(), certificate.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    return hex(digest);
}

std::string legacy_subject(const der& certificate) {
    const auto parsed = parse(certificate);
    return parsed ? legacy(X509_get_subject_name(parsed.get())) : std::string();
}

std::string legacy_issuer(const der& certificate) {
    const auto parsed = parse(certificate);
    return parsed ? legacy(X509_get_issuer_name(parsed.get())) : std::string();
}

// As ASN1_TIME_print writes it, whatever the locale.
std::string openssl_date(time_point when) {
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    const auto length = std::strftime(text, sizeof text, " %e %H:%M:%S %Y GMT", &parts);
    return months[static_cast<std::size_t>(parts.tm_mon)] + std::string(text, length);
}

std::string days_until(time_point end, time_point now) {
    const auto days = std::chrono::duration_cast<std::chrono::hours>(end - now) / 24;
    return std::to_string(std::max<std::int64_t>(days.count(), 0));
}

std::string joined_names(const client_certificate& of, client_certificate::name::kind kind) {
    std::string all;
    for (const auto& name : of.names) {
        if (name.of != kind || !is_printable(name.text)) continue;
        if (!all.empty()) all += ',';
        for (const char c : name.text) c == ',' ? all.append("%2C") : all.append(1, c);
    }
    return all;
}

std::string client_cert_field(const der& certificate) { return ":" + base64(certificate) + ":"; }

std::string client_cert_chain_field(std::span<const der> chain) {
    std::string all;
    for (const auto& one : chain) all += (all.empty() ? "" : ", ") + client_cert_field(one);
    return all;
}

}  // namespace postern::certs
