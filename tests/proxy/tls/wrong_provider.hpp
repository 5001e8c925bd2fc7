// A provider in the place of ours whose TLS13-KDF makes keys of zeros: whoever uses it is seen to.
#pragma once

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

#include <algorithm>

namespace postern::tls::testing {

inline int wrong_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
                          void** context) {
    static const auto query = +[](void*, int operation, int* no_cache) -> const OSSL_ALGORITHM* {
        static int nothing = 0;
        static const auto make = +[](void*) -> void* { return &nothing; };
        static const auto release = +[](void*) {};
        static const auto zeros = +[](void*, unsigned char* out, std::size_t n, const OSSL_PARAM*) {
            std::fill_n(out, n, static_cast<unsigned char>(0));
            return 1;
        };
        static const OSSL_DISPATCH kdf[] = {{OSSL_FUNC_KDF_NEWCTX, reinterpret_cast<void (*)()>(make)},
                                            {OSSL_FUNC_KDF_FREECTX, reinterpret_cast<void (*)()>(release)},
                                            {OSSL_FUNC_KDF_DERIVE, reinterpret_cast<void (*)()>(zeros)},
                                            {0, nullptr}};
        static const OSSL_ALGORITHM all[] = {
            {OSSL_KDF_NAME_TLS1_3_KDF, "provider=postern,postern.keys=yes", kdf, "wrong"},
            {nullptr, nullptr, nullptr, nullptr}};
        *no_cache = 0;
        return operation == OSSL_OP_KDF ? all : nullptr;
    };
    static const OSSL_DISPATCH ours[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(query)},
                                         {0, nullptr}};
    *functions = ours;
    *context = nullptr;
    return 1;
}

}  // namespace postern::tls::testing
