#include "certs/make.hpp"

#include "config/network.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include <ctime>
#include <stdexcept>

namespace postern::certs {
namespace {

void need(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string(what) + ": " + take_errors());
}

pkey_ptr make_key(key_kind kind) {
    pkey_ptr key;
    switch (kind) {
        case key_kind::ec_p256: key.reset(EVP_EC_gen("P-256")); break;
        case key_kind::rsa_2048: key.reset(EVP_RSA_gen(2048U)); break;
        case key_kind::ed25519: key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); break;
    }
    need(key != nullptr, "making a key");
    return key;
}

void set_name(X509_NAME* name, const std::string& common_name) {
    // X.520 ends a common name at 64 characters; the whole name stands in the subject alternative name.
    const auto text = common_name.substr(0, 64);
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()), -1,
                                    -1, 0) == 1,
         "naming a certificate");
}

void add(X509* to, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    const extension_ptr made(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
    need(made != nullptr && X509_add_ext(to, made.get(), -1) == 1, "extending a certificate");
}

x509_ptr blank(EVP_PKEY* key, const std::string& common_name, std::chrono::seconds begins, std::chrono::seconds ends) {
    x509_ptr made(X509_new());
    std::uint64_t serial = 0;
    need(made != nullptr && RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1,
         "making a certificate");
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial >> 1);
    std::time_t now = std::time(nullptr);
    X509_time_adj_ex(X509_getm_notBefore(made.get()), 0, static_cast<long>(begins.count()), &now);
    X509_time_adj_ex(X509_getm_notAfter(made.get()), 0, static_cast<long>(ends.count()), &now);
    set_name(X509_get_subject_name(made.get()), common_name);
    need(X509_set_pubkey(made.get(), key) == 1, "making a certificate");
    return made;
}

void sign(X509* certificate, EVP_PKEY* with) {
    const bool own_digest = EVP_PKEY_is_a(with, "ED25519") == 1;
    need(X509_sign(certificate, with, own_digest ? nullptr : EVP_sha256()) > 0, "signing a certificate");
}

std::string pem(X509* certificate) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    need(PEM_write_bio_X509(out.get(), certificate) == 1, "writing a certificate");
    return text_of(out.get());
}

std::string pem(EVP_PKEY* key) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    need(PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "writing a key");
    return text_of(out.get());
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string all;
    for (const auto& name : names) {
        // The text below is in OpenSSL's configuration language: a comma would begin another name.
        if (name.empty() || name.find_first_of(", \n@") != std::string::npos)
            throw std::runtime_error("not a name for a certificate: " + name);
        all += (all.empty() ? "" : ",") + std::string(config::is_address(name) ? "IP:" : "DNS:") + name;
    }
    return all;
}

}  // namespace

development_authority::development_authority(const std::string& common_name)
    : development_authority(common_name, nullptr) {}

development_authority development_authority::intermediate(const std::string& common_name) const {
    return {common_name, this};
}

development_authority::development_authority(const std::string& common_name, const development_authority* parent)
    : key_(make_key(key_kind::ec_p256)) {
    certificate_ = blank(key_.get(), common_name, std::chrono::hours(-1), std::chrono::hours(24 * 365));
    X509* issuer = parent != nullptr ? parent->certificate_.get() : certificate_.get();
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer));
    add(certificate_.get(), issuer, NID_basic_constraints, "critical,CA:TRUE");
    add(certificate_.get(), issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    add(certificate_.get(), issuer, NID_subject_key_identifier, "hash");
    if (parent != nullptr) add(certificate_.get(), issuer, NID_authority_key_identifier, "keyid");
    sign(certificate_.get(), parent != nullptr ? parent->key_.get() : key_.get());
    certificate_pem_ = pem(certificate_.get());
}

pem_pair development_authority::issue(const leaf_request& request) const {
    if (request.names.empty()) throw std::runtime_error("a certificate needs a name");
    const auto names = alternative_names(request.names);
    const auto key = make_key(request.kind);
    const auto leaf = blank(key.get(), request.names.front(), request.begins_in, request.ends_in);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get()));
    add(leaf.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
    add(leaf.get(), certificate_.get(), NID_key_usage, "critical,digitalSignature");
    add(leaf.get(), certificate_.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    add(leaf.get(), certificate_.get(), NID_subject_alt_name, names);
    add(leaf.get(), certificate_.get(), NID_subject_key_identifier, "hash");
    add(leaf.get(), certificate_.get(), NID_authority_key_identifier, "keyid");
    sign(leaf.get(), key_.get());
    return {pem(leaf.get()), pem(key.get())};
}

}  // namespace postern::certs
