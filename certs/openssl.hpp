// OpenSSL's objects with owners, and its error queue as text. Glue only.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace postern::certs {

template <auto Free>
struct deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

inline void free_chain(STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); }

using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using pkey_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using chain_ptr = std::unique_ptr<STACK_OF(X509), deleter<free_chain>>;
using ssl_ctx_ptr = std::unique_ptr<SSL_CTX, deleter<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, deleter<SSL_free>>;
using session_ptr = std::unique_ptr<SSL_SESSION, deleter<SSL_SESSION_free>>;
using crl_ptr = std::unique_ptr<X509_CRL, deleter<X509_CRL_free>>;
using general_names_ptr = std::unique_ptr<GENERAL_NAMES, deleter<GENERAL_NAMES_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;

// The newest error in words, and an empty queue; "unknown error" when the queue is empty.
[[nodiscard]] std::string take_errors();

// What has been written to a memory BIO; of none, for which there was no memory, nothing.
[[nodiscard]] std::string text_of(BIO* memory);

}  // namespace postern::certs
