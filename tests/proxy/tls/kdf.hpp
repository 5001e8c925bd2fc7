// TLS13-KDF as libssl uses it: fetched, given parameters, asked for a key.
#pragma once

#include "certs/library.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::tls::testing {

using octets = std::vector<std::uint8_t>;

struct free_kdf {
    void operator()(EVP_KDF* k) const { EVP_KDF_free(k); }
    void operator()(EVP_KDF_CTX* c) const { EVP_KDF_CTX_free(c); }
};
using kdf_ptr = std::unique_ptr<EVP_KDF, free_kdf>;
using kdf_context = std::unique_ptr<EVP_KDF_CTX, free_kdf>;

inline kdf_ptr fetch(const certs::library& from, const char* query) {
    return kdf_ptr(EVP_KDF_fetch(from.handle(), OSSL_KDF_NAME_TLS1_3_KDF, query));
}

// Parameters and the memory that they point to.
class params {
public:
    params& mode(int m) {
        numbers_.push_back(m);
        list_.push_back(OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &numbers_.back()));
        return *this;
    }
    params& text(const char* name, const std::string& value) {
        texts_.push_back(value);
        list_.push_back(OSSL_PARAM_construct_utf8_string(name, texts_.back().data(), 0));
        return *this;
    }
    params& digest(const std::string& name) { return text(OSSL_KDF_PARAM_DIGEST, name); }
    params& put(const char* name, const octets& value) {
        octets_.push_back(value);
        list_.push_back(OSSL_PARAM_construct_octet_string(name, octets_.back().data(), octets_.back().size()));
        return *this;
    }
    params& put(const char* name, const std::string& value) { return put(name, octets(value.begin(), value.end())); }
    params& raw(const OSSL_PARAM& p) {
        list_.push_back(p);
        return *this;
    }
    // With the end; valid until the next change.
    [[nodiscard]] const OSSL_PARAM* list() {
        ended_ = list_;
        ended_.push_back(OSSL_PARAM_construct_end());
        return ended_.data();
    }
    [[nodiscard]] std::vector<OSSL_PARAM>& all() { return list_; }

private:
    std::list<int> numbers_;
    std::list<std::string> texts_;
    std::list<octets> octets_;
    std::vector<OSSL_PARAM> list_;
    std::vector<OSSL_PARAM> ended_;
};

// The key, or nothing where it was refused.
inline std::optional<octets> derive(EVP_KDF_CTX* context, std::size_t length, const OSSL_PARAM* list) {
    octets out(length + 1);
    if (EVP_KDF_derive(context, out.data(), length, list) != 1) return std::nullopt;
    out.resize(length);
    return out;
}

}  // namespace postern::tls::testing
