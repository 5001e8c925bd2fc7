// What OpenSSL 3.0 looks up again for each use, remembered by the thread: a handshake fetches some forty algorithms by
// name, at eight locks each, and walks the whole table of names nine times, for answers that never change while a worker
// lives. (The fetches themselves became cheap in OpenSSL 3.6.)
//
// The functions that OpenSSL calls for it (EVP_MD_fetch and its like) are defined here too; the dynamic linker takes the
// program's own before the library's. They ask the library unless the calling thread has a method_cache. So are, for all
// threads, two that look nothing up but become fast in the same way: OPENSSL_cleanse, and EVP_Q_mac for what our key
// schedule asks of it, the code of a Finished message.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace postern::tls {

// Serves the thread that makes it, until it ends there. One a thread. The library contexts that the thread uses must not
// be given other providers in the meantime, and must outlive it.
class method_cache {
public:
    method_cache();
    ~method_cache();
    method_cache(const method_cache&) = delete;
    method_cache& operator=(const method_cache&) = delete;

    // How often it has spared the library a search, for tests.
    [[nodiscard]] std::size_t hits() const { return hits_; }

    // --- for the functions that it stands in for ---

    // The kinds of things that are fetched.
    enum class kind : unsigned char { digest, cipher, mac, kdf, key_management, key_exchange, signature };

    struct slot {
        kind what{};
        OSSL_LIB_CTX* library = nullptr;
        std::string name;
        std::string properties;
        void* method = nullptr;  // one reference is ours
        void (*free)(void*) = nullptr;
    };
    [[nodiscard]] static method_cache* of_this_thread();
    // Where the answer is, or belongs if it has no method.
    [[nodiscard]] slot& place(kind what, OSSL_LIB_CTX* library, const char* name, const char* properties);

    struct names {
        EVP_KEYMGMT* of = nullptr;  // one reference is ours
        std::vector<std::string> all;
    };
    using lister = int(const EVP_KEYMGMT*, void (*)(const char*, void*), void*);
    [[nodiscard]] const names& names_of(const EVP_KEYMGMT* management, lister* by_library);

private:
    static constexpr std::size_t size = 128;
    std::array<slot, size> slots_;
    std::vector<names> names_;
    std::size_t hits_ = 0;
};

}  // namespace postern::tls
