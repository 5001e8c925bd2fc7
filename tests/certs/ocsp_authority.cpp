#include "tests/certs/ocsp_authority.hpp"

#include "certs/facts.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

namespace postern::certs::testing {
namespace {

using generalized_time = std::unique_ptr<ASN1_GENERALIZEDTIME, deleter<ASN1_GENERALIZEDTIME_free>>;

void extend(X509* certificate, X509* issuer, const extensions& all) {
    for (const auto& [what, value] : all) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
        const extension_ptr made(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
        EXPECT_TRUE(made && X509_add_ext(certificate, made.get(), -1) == 1) << value;
    }
}

generalized_time after(std::time_t now, std::chrono::seconds offset) {
    return generalized_time(ASN1_GENERALIZEDTIME_set(nullptr, now + offset.count()));
}

void add_status(OCSP_BASICRESP* to, const certified& about, const certified& issuer, const recipe& how) {
    const auto now = std::time(nullptr);
    const auto begin = after(now, how.this_update);
    const auto end = how.next_update ? after(now, *how.next_update) : nullptr;
    const auto revoked = after(now, -1h);
    OCSP_CERTID* id = OCSP_cert_to_id(how.id_digest, about.certificate.get(), issuer.certificate.get());
    const bool is_revoked = how.status == V_OCSP_CERTSTATUS_REVOKED;
    EXPECT_NE(
        OCSP_basic_add1_status(to, id, how.status, 0, is_revoked ? revoked.get() : nullptr, begin.get(), end.get()),
        nullptr);
    OCSP_CERTID_free(id);
}

}  // namespace

der certified::bytes() const { return to_der(certificate.get()); }

std::string certified::certificate_pem() const {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate.get());
    return text_of(out.get());
}

std::string certified::key_pem() const { return pem_of(key.get()); }

certified certify(const std::string& name, const certified* issuer, const extensions& more, const char* key_type,
                  std::chrono::seconds ends_in) {
    certified made{x509_ptr(X509_new()),
                   pkey_ptr(std::string(key_type) == "RSA" ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256"))};
    X509* certificate = made.certificate.get();
    X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
    X509_set_version(certificate, X509_VERSION_3);
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(ends_in.count()));
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    X509_set_pubkey(certificate, made.key.get());
    if (issuer == nullptr) extend(certificate, signer, {{NID_basic_constraints, "critical,CA:TRUE"}});
    extend(certificate, signer, more);
    X509_sign(certificate, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256());
    return made;
}

der respond(const certified& about, const certified& issuer, const recipe& how) {
    const std::unique_ptr<OCSP_BASICRESP, deleter<OCSP_BASICRESP_free>> basic(OCSP_BASICRESP_new());
    if (how.about_too != nullptr) add_status(basic.get(), *how.about_too, issuer, how);
    add_status(basic.get(), about, issuer, how);
    const certified& signer = how.signer != nullptr ? *how.signer : issuer;
    EXPECT_EQ(OCSP_basic_sign(basic.get(), signer.certificate.get(), signer.key.get(), EVP_sha256(), nullptr,
                              how.signer_inside ? 0 : OCSP_NOCERTS),
              1);
    const std::unique_ptr<OCSP_RESPONSE, deleter<OCSP_RESPONSE_free>> whole(
        OCSP_response_create(how.response_status, how.response_status == 0 ? basic.get() : nullptr));
    der out(static_cast<std::size_t>(i2d_OCSP_RESPONSE(whole.get(), nullptr)));
    auto* at = out.data();
    i2d_OCSP_RESPONSE(whole.get(), &at);
    return out;
}

std::shared_ptr<const identity> identity_of(const certified& leaf, const certified& issuer) {
    config::problems found;
    auto made = parse_identity(0, leaf.certificate_pem() + issuer.certificate_pem(), leaf.key_pem(), {}, found);
    EXPECT_EQ(lines(found), "");
    return made;
}

}  // namespace postern::certs::testing
