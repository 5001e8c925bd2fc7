#include "certs/policy.hpp"

#include "certs/ciphers.hpp"
#include "certs/sessions.hpp"
#include "certs/words.hpp"

#include <algorithm>

namespace postern::certs {
namespace {

using config::problems;
using config::protocol;

struct version {
    protocol name;
    int number;
    std::uint64_t off;
    const char* word;
};
constexpr std::array versions{
    version{protocol::tls_1_0, TLS1_VERSION, SSL_OP_NO_TLSv1, "TLSv1"},
    version{protocol::tls_1_1, TLS1_1_VERSION, SSL_OP_NO_TLSv1_1, "TLSv1.1"},
    version{protocol::tls_1_2, TLS1_2_VERSION, SSL_OP_NO_TLSv1_2, "TLSv1.2"},
    version{protocol::tls_1_3, TLS1_3_VERSION, SSL_OP_NO_TLSv1_3, "TLSv1.3"},
};

// OpenSSL 3 signs with SHA-1, as TLS 1.0 and 1.1 need, at security level 0 only. What that lets in for newer protocols
// is shut out again: null ciphers in ciphers.cpp, SHA-1 signatures here. The rest is OpenSSL's default, in its order.
void allow_sha1_for_old_protocols(SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:"
                                       "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
                                       "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
                                       "RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA224:RSA+SHA224");
}

void apply_protocols(SSL_CTX* context, const config::ssl& settings, problems& found) {
    int lowest = 0;
    int highest = 0;
    for (const auto& v : versions) {
        if (!serves(settings, v.name)) {
            SSL_CTX_set_options(context, v.off);
            continue;
        }
        SSL_CTX_clear_options(context, v.off);
        if (lowest == 0) lowest = v.number;
        highest = v.number;
    }
    if (lowest == 0) return refuse(found, "protocols", "no protocol is left", {}, "TLSv1.2, TLSv1.3");
    SSL_CTX_set_min_proto_version(context, lowest);
    SSL_CTX_set_max_proto_version(context, highest);
    if (lowest >= TLS1_2_VERSION) return;
    allow_sha1_for_old_protocols(context);
    warn(found, "protocols", "TLSv1 and TLSv1.1 are broken and deprecated (RFC 8996)");
}

bool known(SSL_CTX* probe, const std::string& group) {
    const bool yes = SSL_CTX_set1_groups_list(probe, group.c_str()) == 1;
    if (!yes) static_cast<void>(take_errors());
    return yes;
}

// The post-quantum hybrid where the library has it; then X25519, the cheapest by far on OpenSSL 3.0, which checks a
// client's P-256 point with a second multiplication.
constexpr std::array automatic{"X25519MLKEM768", "X25519", "prime256v1", "secp384r1"};
constexpr std::array others{
    "secp521r1",       "X448",      "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "brainpoolP256r1", "brainpoolP384r1",
    "brainpoolP512r1", "ffdhe2048", "ffdhe3072",         "ffdhe4096",          "ffdhe6144",       "ffdhe8192"};

// IANA's "TLS Supported Groups".
struct group_number {
    std::string_view name;
    std::uint16_t number;
};
constexpr std::array numbers{group_number{"X25519MLKEM768", 4588}, group_number{"X25519", 29},
                             group_number{"prime256v1", 23},       group_number{"P-256", 23},
                             group_number{"secp384r1", 24},        group_number{"P-384", 24}};

std::vector<std::string> known_groups(SSL_CTX* probe) {
    std::vector<std::string> all;
    for (const char* group : automatic)
        if (known(probe, group)) all.emplace_back(group);
    for (const char* group : others)
        if (known(probe, group)) all.emplace_back(group);
    return all;
}

std::vector<std::string> wanted_groups(SSL_CTX* probe, const std::string& list, problems& found) {
    std::vector<std::string> wanted;
    if (list == "auto") {
        for (const char* group : automatic)
            if (known(probe, group)) wanted.emplace_back(group);
        return wanted;
    }
    for (const auto word : split(list, ":")) {
        const bool optional = word.starts_with("?");
        std::string name(word.substr(optional ? 1 : 0));
        if (known(probe, name))
            wanted.push_back(std::move(name));
        else if (!optional)
            refuse(found, "ecdh_curve", "a group that this build does not know", word,
                   "auto, or of " + join(known_groups(probe), ", ") + "; ?NAME is skipped where unknown");
    }
    return wanted;
}

// Whose numbers we do not know, only libssl can choose.
void note_groups(SSL_CTX* context, const std::vector<std::string>& wanted) {
    auto& rules = session_rules::of(context);
    for (const auto& name : wanted) {
        const auto* const found = std::ranges::find(numbers, name, &group_number::name);
        if (found == numbers.end()) rules.own_handshake = false;
        if (found != numbers.end()) rules.groups.push_back(found->number);
    }
}

void apply_groups(SSL_CTX* context, const config::ssl& settings, problems& found) {
    problems of_words;
    const auto wanted = wanted_groups(context, settings.ecdh_curve, of_words);
    found.insert(found.end(), of_words.begin(), of_words.end());
    if (config::has_error(of_words)) return;
    if (wanted.empty())
        refuse(found, "ecdh_curve", "no group is left", settings.ecdh_curve,
               "auto, or of " + join(known_groups(context), ", "));
    else if (SSL_CTX_set1_groups_list(context, join(wanted, ":").c_str()) != 1)
        refuse(found, "ecdh_curve", take_errors(), settings.ecdh_curve, "each group once");
    else
        note_groups(context, wanted);
}

}  // namespace

void apply_policy(SSL_CTX* context, const config::ssl& settings, problems& found) {
    apply_protocols(context, settings, found);
    apply_ciphers(context, settings, found);
    apply_groups(context, settings, found);
    if (settings.prefer_server_ciphers)
        SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
}

std::vector<std::string> known_groups(const library& in) {
    const ssl_ctx_ptr probe(SSL_CTX_new_ex(in.handle(), in.properties(), TLS_server_method()));
    return probe ? known_groups(probe.get()) : std::vector<std::string>{};
}

std::string describe_policy(SSL_CTX* context) {
    std::string text = "protocols:";
    for (const auto& v : versions)
        if ((SSL_CTX_get_options(context) & v.off) == 0) text += std::string(" ") + v.word;
    text += "\n";
    const auto* all = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(all, i);
        text += std::string(SSL_CIPHER_get_version(cipher)) + " " + SSL_CIPHER_get_name(cipher) + "\n";
    }
    return text;
}

}  // namespace postern::certs
