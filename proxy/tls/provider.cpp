#include "proxy/tls/provider.hpp"

#include "proxy/tls/key_request.hpp"
#include "proxy/tls/traffic_secrets.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <new>

namespace postern::tls {
namespace {

struct free_kdf {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

// One derivation, as a rule: libssl makes a context for each. It keeps no copy of what it is given, so what OpenSSL
// would answer out of its memory of an earlier derivation is refused here.
class derivation {
public:
    explicit derivation(OSSL_LIB_CTX* library) : library_(library) {}

    int derive(std::span<std::uint8_t> out, const OSSL_PARAM* params) {
        if (!openssl_ && out.data() != nullptr) {
            const auto request = read_key_request(params);
            if (request && stands_alone(*request) && answer(*request, out)) {
                tell_of_key(*request, out, library_);
                derived_ = true;
                had_key_ = had_key_ || !request->key.empty();
                had_salt_ = had_salt_ || !request->salt.empty();
                return 1;
            }
        }
        auto* other = openssl();
        return other == nullptr ? 0 : EVP_KDF_derive(other, out.data(), out.size(), params);
    }

    int set(const OSSL_PARAM* params) {
        if (params == nullptr) return 1;
        auto* other = openssl();
        return other == nullptr ? 0 : EVP_KDF_CTX_set_params(other, params);
    }

    int get(OSSL_PARAM* params) {
        auto* other = openssl();
        return other == nullptr ? 0 : EVP_KDF_CTX_get_params(other, params);
    }

    void reset() { *this = derivation(library_); }

private:
    // Whether nothing that an earlier derivation was given would have a part in this one.
    [[nodiscard]] bool stands_alone(const key_request& r) const {
        return (!r.key.empty() || !had_key_) && (!r.salt.empty() || !had_salt_ || !r.extract);
    }

    // OpenSSL's own, which has this context's whole history; null when that cannot be.
    EVP_KDF_CTX* openssl() {
        if (derived_) {
            ERR_raise(ERR_LIB_PROV, ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED);
            return nullptr;
        }
        if (!openssl_) {
            const std::unique_ptr<EVP_KDF, free_kdf> kdf(
                EVP_KDF_fetch(library_, OSSL_KDF_NAME_TLS1_3_KDF, "provider=default"));
            if (kdf) openssl_.reset(EVP_KDF_CTX_new(kdf.get()));
        }
        return openssl_.get();
    }

    OSSL_LIB_CTX* library_;
    std::unique_ptr<EVP_KDF_CTX, free_kdf> openssl_;
    bool derived_ = false;
    bool had_key_ = false;
    bool had_salt_ = false;
};

// ---- the functions by which OpenSSL knows it ------------------------------------------------------------------------

void* new_context(void* provider) {
    void* room = OPENSSL_malloc(sizeof(derivation));
    return room == nullptr ? nullptr : new (room) derivation(static_cast<OSSL_LIB_CTX*>(provider));
}

void free_context(void* context) {
    if (context == nullptr) return;
    static_cast<derivation*>(context)->~derivation();
    OPENSSL_free(context);
}

void reset(void* context) { static_cast<derivation*>(context)->reset(); }

int derive(void* context, unsigned char* out, std::size_t length, const OSSL_PARAM params[]) {
    return static_cast<derivation*>(context)->derive({out, length}, params);
}

int set_params(void* context, const OSSL_PARAM params[]) { return static_cast<derivation*>(context)->set(params); }

int get_params(void* context, OSSL_PARAM params[]) { return static_cast<derivation*>(context)->get(params); }

const OSSL_PARAM* settable(void*, void*) {
    static const OSSL_PARAM all[] = {OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_MODE, nullptr, 0),
                                     OSSL_PARAM_int(OSSL_KDF_PARAM_MODE, nullptr),
                                     OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_PROPERTIES, nullptr, 0),
                                     OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, nullptr, 0),
                                     OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, nullptr, 0),
                                     OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, nullptr, 0),
                                     OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PREFIX, nullptr, 0),
                                     OSSL_PARAM_octet_string(OSSL_KDF_PARAM_LABEL, nullptr, 0),
                                     OSSL_PARAM_octet_string(OSSL_KDF_PARAM_DATA, nullptr, 0),
                                     OSSL_PARAM_END};
    return all;
}

const OSSL_PARAM* gettable(void*, void*) {
    static const OSSL_PARAM all[] = {OSSL_PARAM_size_t(OSSL_KDF_PARAM_SIZE, nullptr), OSSL_PARAM_END};
    return all;
}

template <class Function>
OSSL_DISPATCH entry(int id, Function* f) {
    return {id, reinterpret_cast<void (*)()>(f)};
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    static const OSSL_DISPATCH functions[] = {entry(OSSL_FUNC_KDF_NEWCTX, new_context),
                                              entry(OSSL_FUNC_KDF_FREECTX, free_context),
                                              entry(OSSL_FUNC_KDF_RESET, reset),
                                              entry(OSSL_FUNC_KDF_DERIVE, derive),
                                              entry(OSSL_FUNC_KDF_SETTABLE_CTX_PARAMS, settable),
                                              entry(OSSL_FUNC_KDF_SET_CTX_PARAMS, set_params),
                                              entry(OSSL_FUNC_KDF_GETTABLE_CTX_PARAMS, gettable),
                                              entry(OSSL_FUNC_KDF_GET_CTX_PARAMS, get_params),
                                              {0, nullptr}};
    static const OSSL_ALGORITHM kdfs[] = {
        {OSSL_KDF_NAME_TLS1_3_KDF, "provider=postern,postern.keys=yes", functions, "the key derivation of TLS 1.3"},
        {nullptr, nullptr, nullptr, nullptr}};
    *no_cache = 0;
    return operation == OSSL_OP_KDF ? kdfs : nullptr;
}

}  // namespace

int provider_init(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* core, const OSSL_DISPATCH** ours,
                  void** context) {
    static const OSSL_DISPATCH functions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), {0, nullptr}};
    *context = nullptr;
    // A provider within the program shares the library context of its core.
    for (; core->function_id != 0; ++core)
        if (core->function_id == OSSL_FUNC_CORE_GET_LIBCTX) *context = OSSL_FUNC_core_get_libctx(core)(handle);
    *ours = functions;
    return *context != nullptr ? 1 : 0;
}

}  // namespace postern::tls
