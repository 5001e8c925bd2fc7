#include "proxy/tls/method_cache.hpp"

#include "proxy/tls/key_request.hpp"
#include "proxy/tls/traffic_secrets.hpp"

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdint>
#include <cstring>
#include <string_view>

#include <dlfcn.h>

namespace postern::tls {
namespace {

thread_local method_cache* current = nullptr;

template <class Function>
Function* of_library(const char* name, Function*) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

const char* text(const char* properties) { return properties != nullptr ? properties : ""; }

template <auto UpRef, auto Free, class Method>
Method* fetch(method_cache::kind what, Method* (*real)(OSSL_LIB_CTX*, const char*, const char*), OSSL_LIB_CTX* library,
              const char* name, const char* properties) {
    auto* cache = method_cache::of_this_thread();
    if (cache == nullptr || name == nullptr) return real(library, name, properties);
    auto& slot = cache->place(what, library, name, properties);
    if (slot.method != nullptr) {
        auto* found = static_cast<Method*>(slot.method);
        return UpRef(found) == 1 ? found : nullptr;
    }
    auto* made = real(library, name, properties);
    // What is not found is asked for again.
    if (made == nullptr || UpRef(made) != 1) return made;
    slot = {what, library, name, text(properties), made, [](void* m) { Free(static_cast<Method*>(m)); }};
    return made;
}

// The code of a Finished message (RFC 8446 section 4.4.4), where keys are derived by our schedule. False: OpenSSL has to
// make it.
bool finished_mac(std::string_view mac, const char* digest, key_schedule::bytes key, key_schedule::bytes message,
                  std::span<std::uint8_t> out) {
    if (!keys_are_ours() || digest == nullptr || mac != "HMAC") return false;
    const auto hash = find_hash(digest);
    // HKDF-Extract is HMAC (RFC 5869 section 2.2).
    return hash && !key.empty() && out.data() != nullptr && out.size() >= size_of(*hash) &&
           key_schedule::extract(*hash, key, message, out.first(size_of(*hash)));
}

}  // namespace

method_cache::method_cache() { current = this; }

method_cache::~method_cache() {
    current = nullptr;
    for (auto& s : slots_)
        if (s.free != nullptr) s.free(s.method);
    for (auto& n : names_) EVP_KEYMGMT_free(n.of);
}

method_cache* method_cache::of_this_thread() { return current; }

method_cache::slot& method_cache::place(kind what, OSSL_LIB_CTX* library, const char* name, const char* properties) {
    // FNV-1a: names are short.
    std::uint64_t hash =
        0xcbf29ce484222325 ^ static_cast<std::uint64_t>(what) ^ reinterpret_cast<std::uintptr_t>(library);
    for (const char* c = name; *c != '\0'; ++c) hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001b3;
    const std::size_t first = (hash ^ hash >> 32) % size;
    // Whom another has forestalled lives a few places on; only when all of these are taken must somebody go.
    constexpr std::size_t neighbours = 32;
    for (std::size_t i = 0; i < neighbours; ++i) {
        auto& s = slots_[(first + i) % size];
        if (s.method == nullptr) return s;
        if (s.what != what || s.library != library || s.name != name || s.properties != text(properties)) continue;
        ++hits_;
        return s;
    }
    auto& s = slots_[first];
    s.free(s.method);
    return s = {};
}

const method_cache::names& method_cache::names_of(const EVP_KEYMGMT* management, lister* by_library) {
    for (const auto& n : names_)
        if (n.of == management) {
            ++hits_;
            return n;
        }
    auto* held = const_cast<EVP_KEYMGMT*>(management);  // for its count alone
    EVP_KEYMGMT_up_ref(held);
    auto& n = names_.emplace_back();
    n.of = held;
    by_library(
        management,
        [](const char* name, void* all) { static_cast<std::vector<std::string>*>(all)->emplace_back(name); }, &n.all);
    return n;
}

}  // namespace postern::tls

// ---- what OpenSSL calls ---------------------------------------------------------------------------------------------

using postern::tls::method_cache;
using kind = method_cache::kind;

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name, bugprone-macro-parentheses): OpenSSL's headers do not
// agree on names among themselves, and what the macro is given is a type.
#define POSTERN_FETCH(TYPE, KIND)                                                                                      \
    extern "C" __attribute__((visibility("default")))                                                                  \
    TYPE* TYPE##_fetch(OSSL_LIB_CTX* library, const char* name, const char* properties) {                              \
        static auto* const real = postern::tls::of_library(#TYPE "_fetch", &TYPE##_fetch);                             \
        return postern::tls::fetch<TYPE##_up_ref, TYPE##_free>(KIND, real, library, name, properties);                 \
    }

POSTERN_FETCH(EVP_MD, kind::digest)
POSTERN_FETCH(EVP_CIPHER, kind::cipher)
POSTERN_FETCH(EVP_MAC, kind::mac)
POSTERN_FETCH(EVP_KDF, kind::kdf)
POSTERN_FETCH(EVP_KEYMGMT, kind::key_management)
POSTERN_FETCH(EVP_KEYEXCH, kind::key_exchange)
POSTERN_FETCH(EVP_SIGNATURE, kind::signature)
#undef POSTERN_FETCH

extern "C" __attribute__((visibility("default"))) unsigned char*
EVP_Q_mac(OSSL_LIB_CTX* library, const char* name, const char* properties, const char* digest, const OSSL_PARAM* params,
          const void* key, std::size_t key_size, const unsigned char* data, std::size_t data_size, unsigned char* out,
          std::size_t out_size, std::size_t* made) {
    static auto* const real = postern::tls::of_library("EVP_Q_mac", &EVP_Q_mac);
    if (name == nullptr || !postern::tls::finished_mac(name, digest, {static_cast<const std::uint8_t*>(key), key_size},
                                                       {data, data_size}, {out, out_size}))
        return real(library, name, properties, digest, params, key, key_size, data, data_size, out, out_size, made);
    if (made != nullptr) *made = size_of(*postern::tls::find_hash(digest));
    return out;
}

// OpenSSL wipes 16 KiB a handshake, eight bytes at a time.
extern "C" __attribute__((visibility("default"))) void OPENSSL_cleanse(void* memory, std::size_t size) {
    if (size > 0) ::explicit_bzero(memory, size);  // OpenSSL wipes nothing at null, too
}

extern "C" __attribute__((visibility("default"))) int
EVP_KEYMGMT_names_do_all(const EVP_KEYMGMT* management, void (*each)(const char*, void*), void* data) {
    static auto* const real = postern::tls::of_library("EVP_KEYMGMT_names_do_all", &EVP_KEYMGMT_names_do_all);
    auto* cache = method_cache::of_this_thread();
    if (cache == nullptr || management == nullptr) return real(management, each, data);
    for (const auto& name : cache->names_of(management, real).all) each(name.c_str(), data);
    return 1;
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name, bugprone-macro-parentheses)
