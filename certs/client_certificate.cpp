#include "certs/client_certificate.hpp"

#include "certs/facts.hpp"
#include "certs/verify.hpp"

#include <openssl/err.h>

namespace postern::certs {
namespace {

using kind = client_certificate::name::kind;

void add_names(const X509_NAME* subject, int what, kind of, std::vector<client_certificate::name>& names) {
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, what, at)) >= 0;)
        names.push_back({of, utf8_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))});
}

std::string ia5_text(const ASN1_IA5STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

void add_alternative_names(X509* certificate, std::vector<client_certificate::name>& names) {
    const general_names_ptr all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const GENERAL_NAME* one = sk_GENERAL_NAME_value(all.get(), i);
        switch (one->type) {
            case GEN_DNS: names.push_back({kind::dns, ia5_text(one->d.dNSName)}); break;
            case GEN_URI: names.push_back({kind::uri, ia5_text(one->d.uniformResourceIdentifier)}); break;
            case GEN_EMAIL: names.push_back({kind::email, ia5_text(one->d.rfc822Name)}); break;
            case GEN_IPADD: names.push_back({kind::ip, ip_text(one->d.iPAddress)}); break;
            default: break;
        }
    }
}

sha256 digest_of_key(X509* certificate) {
    sha256 digest{};
    unsigned char* encoded = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    if (length > 0)
        EVP_Digest(encoded, static_cast<std::size_t>(length), digest.data(), nullptr, EVP_sha256(), nullptr);
    OPENSSL_free(encoded);
    return digest;
}

}  // namespace

client_certificate describe(X509* certificate) {
    client_certificate made;
    made.certificate = to_der(certificate);
    const X509_NAME* subject = X509_get_subject_name(certificate);
    made.subject = name_text(subject);
    made.issuer = name_text(X509_get_issuer_name(certificate));
    made.serial = serial_text(certificate);
    X509_digest(certificate, EVP_sha256(), made.fingerprint.data(), nullptr);
    made.key_fingerprint = digest_of_key(certificate);
    add_names(subject, NID_commonName, kind::cn, made.names);
    add_names(subject, NID_organizationalUnitName, kind::ou, made.names);
    add_alternative_names(certificate, made.names);
    made.names.shrink_to_fit();
    made.not_before = to_time(X509_get0_notBefore(certificate));
    made.not_after = to_time(X509_get0_notAfter(certificate));
    ERR_clear_error();
    return made;
}

std::unique_ptr<const client_certificate> shown_by_client(SSL* ssl, bool with_chain) {
    if (SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE) return nullptr;
    X509* leaf = SSL_get0_peer_certificate(ssl);
    if (leaf == nullptr) return nullptr;
    auto made = std::make_unique<client_certificate>(describe(leaf));
    made->verify_result = verify_result_of(ssl);
    const auto* chain = with_chain ? SSL_get_peer_cert_chain(ssl) : nullptr;
    for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i)
        made->chain.push_back(to_der(sk_X509_value(chain, i)));
    return made;
}

std::string verify_text(const client_certificate* shown) {
    if (shown == nullptr) return "NONE";
    if (shown->verify_result == X509_V_OK) return "SUCCESS";
    return std::string("FAILED:") + X509_verify_cert_error_string(shown->verify_result);
}

x509_ptr parse(const der& certificate) {
    const auto* at = certificate.data();
    x509_ptr made(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
    ERR_clear_error();
    return made;
}

}  // namespace postern::certs
