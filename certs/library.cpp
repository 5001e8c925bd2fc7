#include "certs/library.hpp"

#include "certs/openssl.hpp"

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <unistd.h>

namespace postern::certs {
namespace {

struct free_openssl {
    void operator()(char* text) const { OPENSSL_free(text); }
};

struct free_configuration {
    void operator()(CONF* c) const { NCONF_free(c); }
};

// Of the file, which OpenSSL has read: a command for all of TLS but those that a server's own settings take the place of.
bool says_more_of_tls(const char* file) {
    constexpr std::array ours{"MinProtocol", "MaxProtocol", "CipherString", "Ciphersuites", "Groups", "Curves"};
    const std::unique_ptr<CONF, free_configuration> all(NCONF_new(nullptr));
    if (!all || NCONF_load(all.get(), file, nullptr) != 1) return true;
    const char* section = nullptr;
    for (const char* name : {"openssl_conf", "ssl_conf", "system_default"}) {
        section = NCONF_get_string(all.get(), section, name);
        if (section == nullptr) return false;
    }
    const auto* commands = NCONF_get_section(all.get(), section);
    for (int i = 0; i < sk_CONF_VALUE_num(commands); ++i) {
        const char* name = sk_CONF_VALUE_value(commands, i)->name;
        if (std::none_of(ours.begin(), ours.end(), [&](const char* one) { return OPENSSL_strcasecmp(one, name) == 0; }))
            return true;
    }
    return false;
}

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
    has_tls_settings_ = says_more_of_tls(file.get());
    static_cast<void>(take_errors());
}

bool library::has(const char* provider) const { return OSSL_PROVIDER_available(context_.get(), provider) == 1; }

bool library::fips() const {
    return EVP_default_properties_is_fips_enabled(context_.get()) == 1 || (has("fips") && !has("default"));
}

}  // namespace postern::certs
