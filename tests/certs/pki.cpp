#include "tests/certs/pki.hpp"

#include <openssl/pem.h>

#include <atomic>
#include <ctime>

namespace postern::certs::testing {
namespace {

x509_ptr blank(EVP_PKEY* key, const wish& w) {
    static std::atomic<long> serial{1000};
    x509_ptr made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), w.begins);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), w.ends);
    for (const auto& [type, value] : w.subject)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), type.c_str(), MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()),
                                   -1, 0);
    X509_set_pubkey(made.get(), key);
    return made;
}

void add(X509* to, X509* issuer, int what, const std::string& value) {
    if (value.empty()) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    const extension_ptr made(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
    X509_add_ext(to, made.get(), -1);
}

x509_ptr leaf(const wish& w, X509* issuer, EVP_PKEY* with) {
    auto made = blank(client_key(), w);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer != nullptr ? issuer : made.get()));
    X509* by = issuer != nullptr ? issuer : made.get();
    add(made.get(), by, NID_basic_constraints, "critical,CA:FALSE");
    add(made.get(), by, NID_ext_key_usage, w.usage);
    add(made.get(), by, NID_subject_alt_name, w.alternatives);
    X509_sign(made.get(), with, EVP_sha256());
    return made;
}

struct free_revoked {
    void operator()(X509_REVOKED* r) const { X509_REVOKED_free(r); }
};

using time_ptr = std::unique_ptr<ASN1_TIME, deleter<ASN1_STRING_free>>;

}  // namespace

EVP_PKEY* client_key() {
    static const pkey_ptr key(EVP_EC_gen("P-256"));
    return key.get();
}

std::string to_pem(X509* certificate) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate);
    return text_of(out.get());
}

signer::signer(const std::string& common_name, const signer* parent) : key_(EVP_EC_gen("P-256")) {
    certificate_ = blank(key_.get(), {.subject = {{"CN", common_name}}});
    X509* issuer = parent != nullptr ? parent->certificate() : certificate();
    X509_set_issuer_name(certificate(), X509_get_subject_name(issuer));
    add(certificate(), issuer, NID_basic_constraints, "critical,CA:TRUE");
    add(certificate(), issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(certificate(), (parent != nullptr ? parent->key_ : key_).get(), EVP_sha256());
}

x509_ptr signer::issue(const wish& w) const { return leaf(w, certificate(), key_.get()); }

std::string signer::revoke(const std::vector<X509*>& which, long begins, long ends) const {
    const crl_ptr list(X509_CRL_new());
    X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate()));
    const time_ptr begin(X509_gmtime_adj(nullptr, begins)), end(X509_gmtime_adj(nullptr, ends));
    X509_CRL_set1_lastUpdate(list.get(), begin.get());
    X509_CRL_set1_nextUpdate(list.get(), end.get());
    for (X509* one : which) {
        std::unique_ptr<X509_REVOKED, free_revoked> entry(X509_REVOKED_new());
        X509_REVOKED_set_serialNumber(entry.get(), X509_get_serialNumber(one));
        X509_REVOKED_set_revocationDate(entry.get(), begin.get());
        X509_CRL_add0_revoked(list.get(), entry.release());
    }
    X509_CRL_sort(list.get());
    X509_CRL_sign(list.get(), key_.get(), EVP_sha256());
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(out.get(), list.get());
    return text_of(out.get());
}

x509_ptr self_issued(const wish& w) { return leaf(w, nullptr, client_key()); }

}  // namespace postern::certs::testing
