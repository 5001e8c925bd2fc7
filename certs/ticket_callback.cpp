#include "certs/ticket_callback.hpp"

#include "certs/sessions.hpp"
#include "certs/words.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>

namespace postern::certs {
namespace {

constexpr int iv_size = 16;

// The answers that OpenSSL wants (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)).
constexpr int failed = -1;
constexpr int no_key = 0;
constexpr int ready = 1;
constexpr int ready_to_renew = 2;

const EVP_CIPHER* cipher_for(const ticket_rules& rules, const ticket_key& key) {
    return key.aes().size() == 32 ? rules.aes_256.get() : rules.aes_128.get();
}

bool begin_mac(EVP_MAC_CTX* mac, const ticket_key& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    return EVP_MAC_init(mac, key.hmac().data(), key.hmac().size(), parameters) == 1;
}

int seal(const ticket_rules& rules, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const auto& key = rules.keys->sealing();
    std::copy(key.name().begin(), key.name().end(), name);
    const bool done = RAND_bytes_ex(rules.library, iv, iv_size, 0) == 1 &&
                      EVP_EncryptInit_ex(cipher, cipher_for(rules, key), nullptr, key.aes().data(), iv) == 1 &&
                      begin_mac(mac, key);
    return done ? ready : failed;
}

int open(const ticket_rules& rules, const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
         EVP_MAC_CTX* mac, bool always_renewed) {
    const auto* key = rules.keys->find({name, ticket_key::name_size});
    if (key == nullptr) return no_key;
    if (EVP_DecryptInit_ex(cipher, cipher_for(rules, *key), nullptr, key->aes().data(), iv) != 1 ||
        !begin_mac(mac, *key))
        return failed;
    return always_renewed || key != &rules.keys->sealing() ? ready_to_renew : ready;
}

// In TLS 1.3 a ticket is for one use (RFC 8446 appendix C.4), and each use brings another, as with OpenSSL's own keys.
int choose_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
               int sealing) {
    const auto& rules = session_rules::of(SSL_get_SSL_CTX(ssl)).tickets;
    if (sealing == 1) return seal(rules, name, iv, cipher, mac);
    return open(rules, name, iv, cipher, mac, SSL_version(ssl) >= TLS1_3_VERSION);
}

}  // namespace

void free_cipher::operator()(EVP_CIPHER* c) const { EVP_CIPHER_free(c); }

void apply_tickets(SSL_CTX* context, const context_plan& plan, const library& in, config::problems& found) {
    if (!plan.settings->session_tickets) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (!plan.settings->session_tickets || !plan.tickets) return;
    auto& rules = session_rules::of(context).tickets;
    rules.library = in.handle();
    rules.aes_256.reset(EVP_CIPHER_fetch(in.handle(), "AES-256-CBC", in.properties()));
    rules.aes_128.reset(EVP_CIPHER_fetch(in.handle(), "AES-128-CBC", in.properties()));
    if (!rules.aes_256 || !rules.aes_128)
        return refuse(found, "session_tickets", "OpenSSL has no AES-CBC: " + take_errors());
    rules.keys = plan.tickets;
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, choose_key);
}

void use_ticket_keys(SSL_CTX* context, std::shared_ptr<const ticket_keys> keys) {
    auto& rules = session_rules::of(context).tickets;
    if (rules.keys) rules.keys = std::move(keys);
}

const ticket_key* sealing_ticket_key(SSL_CTX* context) {
    const auto& rules = session_rules::of(context).tickets;
    // An operator's conf_command may have ended tickets after apply_tickets().
    const bool sealed = rules.keys && (SSL_CTX_get_options(context) & SSL_OP_NO_TICKET) == 0;
    return sealed ? &rules.keys->sealing() : nullptr;
}

}  // namespace postern::certs
