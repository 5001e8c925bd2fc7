#include "certs/library.hpp"

#include "certs/openssl.hpp"

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <mutex>
#include <stdexcept>

#include <unistd.h>

namespace postern::certs {
namespace {

struct free_openssl {
    void operator()(char* text) const { OPENSSL_free(text); }
};

// OpenSSL 3.0 keeps its list of loaded configuration modules without a lock.
std::mutex loading;

}  // namespace

void library::free_context::operator()(OSSL_LIB_CTX* c) const { OSSL_LIB_CTX_free(c); }

void library::unload::operator()(OSSL_PROVIDER* p) const { OSSL_PROVIDER_unload(p); }

library::library() : context_(OSSL_LIB_CTX_new()) {
    if (!context_) throw std::runtime_error("OpenSSL: " + take_errors());
    load_configuration();
    // A configuration that activates any provider ends OpenSSL's habit of loading the default one by itself.
    if (!has("default") && !has("fips")) provider_.reset(OSSL_PROVIDER_load(context_.get(), "default"));
    if (!has("default") && !has("fips"))
        throw std::runtime_error("OpenSSL's default provider cannot be loaded: " + take_errors());
}

std::string library::add(const char* name, OSSL_provider_init_fn* init) {
    if (OSSL_PROVIDER_add_builtin(context_.get(), name, init) == 1)
        added_.emplace_back(OSSL_PROVIDER_load(context_.get(), name));
    if (has(name)) return {};
    return "the provider cannot be loaded: " + take_errors();
}

void library::load_configuration() {
    const std::unique_ptr<char, free_openssl> file(CONF_get1_default_config_file());
    if (!file || ::access(file.get(), F_OK) != 0) return;
    const std::lock_guard lock(loading);
    if (OSSL_LIB_CTX_load_config(context_.get(), file.get()) != 1)
        trouble_ = std::string(file.get()) + ": " + take_errors();
}

bool library::has(const char* provider) const { return OSSL_PROVIDER_available(context_.get(), provider) == 1; }

bool library::fips() const {
    return EVP_default_properties_is_fips_enabled(context_.get()) == 1 || (has("fips") && !has("default"));
}

}  // namespace postern::certs
