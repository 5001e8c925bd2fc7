#include "certs/ciphers.hpp"

#include "certs/words.hpp"

#include <algorithm>

namespace postern::certs {
namespace {

using config::problems;
using config::protocol;

constexpr auto list_help = "OpenSSL's cipher names and groups; `openssl ciphers -v` shows what a list means";
constexpr auto suites_help = "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256";

// ciphers(1) has words for kinds of ciphers that a build may have none of; `!RC4` is then as right as ever.
constexpr std::array kinds{
    "3DES",
    "ADH",
    "AECDH",
    "AES",
    "AES128",
    "AES256",
    "AESCCM",
    "AESCCM8",
    "AESGCM",
    "ALL",
    "ARIA",
    "ARIA128",
    "ARIA256",
    "ARIAGCM",
    "CAMELLIA",
    "CAMELLIA128",
    "CAMELLIA256",
    "CBC",
    "CHACHA20",
    "COMPLEMENTOFALL",
    "COMPLEMENTOFDEFAULT",
    "DEFAULT",
    "DES",
    "DH",
    "DHE",
    "DSS",
    "ECDH",
    "ECDHE",
    "ECDHEPSK",
    "ECDSA",
    "EDH",
    "EECDH",
    "EXP",
    "EXPORT",
    "EXPORT40",
    "EXPORT56",
    "FIPS",
    "GOST",
    "HIGH",
    "IDEA",
    "KRB5",
    "LOW",
    "MD5",
    "MEDIUM",
    "NULL",
    "PSK",
    "RC2",
    "RC4",
    "RSA",
    "RSAPSK",
    "DHEPSK",
    "SEED",
    "SHA",
    "SHA1",
    "SHA256",
    "SHA384",
    "SRP",
    "SSLv2",
    "SSLv3",
    "SUITEB128",
    "SUITEB128ONLY",
    "SUITEB192",
    "TLSv1",
    "TLSv1.0",
    "TLSv1.2",
    "aDH",
    "aDSS",
    "aECDH",
    "aECDSA",
    "aNULL",
    "aPSK",
    "aRSA",
    "aSRP",
    "eNULL",
    "kDHE",
    "kDHEPSK",
    "kECDHE",
    "kECDHEPSK",
    "kEDH",
    "kEECDH",
    "kPSK",
    "kRSA",
    "kRSAPSK",
    "kSRP",
};

bool kind(std::string_view word) { return std::find(kinds.begin(), kinds.end(), word) != kinds.end(); }

bool names_a_cipher(SSL_CTX* context, const std::string& word) {
    const bool yes = SSL_CTX_set_cipher_list(context, word.c_str()) == 1;
    if (!yes) static_cast<void>(take_errors());
    return yes;
}

// `RSA+AES` means both at once; SSL_CTX_set_cipher_list leaves `context` with the last word tried.
void check_words(SSL_CTX* context, const std::string& list, problems& found) {
    for (const auto word : split(list, ": ,;")) {
        if (word.starts_with("@")) continue;
        const bool excludes = word.starts_with("!") || word.starts_with("-");
        const auto name = word.substr(excludes || word.starts_with("+") ? 1 : 0);
        for (const auto part : split(name.substr(0, name.find('@')), "+")) {
            if (kind(part) || names_a_cipher(context, std::string(part))) continue;
            if (excludes) {
                warn(found, "ciphers", "nothing to exclude: a cipher that this build does not have", word);
            } else if (part.starts_with("TLS_")) {
                refuse(found, "ciphers", "a suite of TLS 1.3, which belongs in ciphersuites", part, list_help);
            } else {
                refuse(found, "ciphers", "a cipher that this build does not know", part, list_help);
            }
        }
    }
}

bool serves_old_protocols(SSL_CTX* context) {
    const auto* all = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const std::string_view since = SSL_CIPHER_get_version(sk_SSL_CIPHER_value(all, i));
        if (since != "TLSv1.2" && since != "TLSv1.3") return true;
    }
    return false;
}

void apply_list(SSL_CTX* context, const config::ssl& settings, problems& found) {
    const bool ours = settings.ciphers == config::ssl{}.ciphers;
    problems of_words;
    if (!ours) check_words(context, settings.ciphers, of_words);
    const bool explained = config::has_error(of_words);
    found.insert(found.end(), of_words.begin(), of_words.end());
    // At security level 0 OpenSSL's words would take in suites without authentication or encryption.
    const std::string list = settings.ciphers + ":!aNULL:!eNULL";
    if (SSL_CTX_set_cipher_list(context, list.c_str()) == 1) return;
    const std::string why = take_errors();
    if (!explained) refuse(found, "ciphers", "no usable cipher is left: " + why, settings.ciphers, list_help);
}

void apply_suites(SSL_CTX* context, const config::ssl& settings, problems& found) {
    const auto words = split(settings.ciphersuites, ":");
    bool all_known = true;
    for (const auto word : words) {
        if (SSL_CTX_set_ciphersuites(context, std::string(word).c_str()) == 1) continue;
        static_cast<void>(take_errors());
        refuse(found, "ciphersuites", "a TLS 1.3 suite that this build does not know", word, suites_help);
        all_known = false;
    }
    if (words.empty())
        refuse(found, "ciphersuites", "no suite is left for TLSv1.3", settings.ciphersuites, suites_help);
    else if (all_known && SSL_CTX_set_ciphersuites(context, settings.ciphersuites.c_str()) != 1)
        refuse(found, "ciphersuites", take_errors(), settings.ciphersuites, suites_help);
}

}  // namespace

void apply_ciphers(SSL_CTX* context, const config::ssl& settings, problems& found) {
    if (serves(settings, protocol::tls_1_3)) apply_suites(context, settings, found);
    const bool old = serves(settings, protocol::tls_1_0) || serves(settings, protocol::tls_1_1);
    if (!old && !serves(settings, protocol::tls_1_2)) return;
    apply_list(context, settings, found);
    if (old && !config::has_error(found) && !serves_old_protocols(context))
        warn(found, "ciphers", "no cipher of this list works with TLSv1 or TLSv1.1", settings.ciphers);
}

}  // namespace postern::certs
