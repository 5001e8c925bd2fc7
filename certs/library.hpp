// A library context of OpenSSL's: what is fetched and locked in it is touched by its owner alone. One for each worker,
// one for the loader.
#pragma once

#include <openssl/core.h>
#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

namespace postern::certs {

// Must outlive the contexts made in it. Make all of them before any thread makes an SSL_CTX: OpenSSL keeps what
// openssl.cnf says of TLS (ssl_conf) in one table of the process, without a lock.
class library {
public:
    // Throws std::runtime_error when there is no provider of algorithms. A private context does not read openssl.cnf by
    // itself, so the operator's configuration is loaded here (OPENSSL_CONF names another file, as everywhere).
    library();
    library(library&&) noexcept = default;
    library& operator=(library&&) = delete;

    [[nodiscard]] OSSL_LIB_CTX* handle() const { return context_.get(); }
    // For the ..._ex functions: which implementations to prefer. Null: no preference.
    [[nodiscard]] const char* properties() const { return nullptr; }

    // Adds a provider that is part of the program. Whoever does not prefer it by a property query gets what was there
    // before. Returns why it cannot be, else nothing.
    [[nodiscard]] std::string add(const char* name, OSSL_provider_init_fn* init);

    // Whether the operator's configuration confines OpenSSL to FIPS algorithms.
    [[nodiscard]] bool fips() const;
    // Whether openssl.cnf says more of TLS (ssl_conf, system_default) than what make_context() sets itself anyway: what
    // else it may say, only libssl does.
    [[nodiscard]] bool has_tls_settings() const { return has_tls_settings_; }
    // Why openssl.cnf could not be applied, for a warning to the operator; empty when it was, or when there is none.
    // OpenSSL itself is silent about a provider in it that cannot be loaded.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

private:
    struct free_context {
        void operator()(OSSL_LIB_CTX* c) const;
    };
    struct unload {
        void operator()(OSSL_PROVIDER* p) const;
    };
    void load_configuration();
    [[nodiscard]] bool has(const char* provider) const;

    std::unique_ptr<OSSL_LIB_CTX, free_context> context_;
    std::unique_ptr<OSSL_PROVIDER, unload> provider_;
    std::vector<std::unique_ptr<OSSL_PROVIDER, unload>> added_;
    std::string trouble_;
    bool has_tls_settings_ = false;
};

}  // namespace postern::certs
