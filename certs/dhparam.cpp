#include "certs/dhparam.hpp"

#include "certs/file.hpp"
#include "certs/words.hpp"

#include <openssl/pem.h>

namespace postern::certs {
namespace {

constexpr auto form = "PEM: -----BEGIN DH PARAMETERS-----, of 2048 bits or more";

pkey_ptr parse(const std::string& pem, OSSL_LIB_CTX* in, const char* properties) {
    const bio_ptr text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return pkey_ptr(PEM_read_bio_Parameters_ex(text.get(), nullptr, in, properties));
}

bool uses_dhe(const SSL_CTX* context) {
    const auto* all = SSL_CTX_get_ciphers(context);
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i)
        if (SSL_CIPHER_get_kx_nid(sk_SSL_CIPHER_value(all, i)) == NID_kx_dhe) return true;
    return false;
}

}  // namespace

std::shared_ptr<const std::string> load_dh_parameters(const std::string& file, config::problems& found) {
    const auto read = read_file(file);
    if (!read.error.empty()) {
        refuse(found, "dhparam", read.error, file);
        return nullptr;
    }
    auto pem = std::make_shared<const std::string>(read.content.text());
    const auto parameters = parse(*pem, nullptr, nullptr);
    static_cast<void>(take_errors());
    if (!parameters || (!EVP_PKEY_is_a(parameters.get(), "DH") && !EVP_PKEY_is_a(parameters.get(), "DHX"))) {
        refuse(found, "dhparam", "no DH parameters in it", file, form);
        return nullptr;
    }
    const int bits = EVP_PKEY_get_bits(parameters.get());
    if (bits < 2048)
        warn(found, "dhparam", "weak parameters (" + std::to_string(bits) + " bits): clients refuse them", file);
    return pem;
}

void apply_dh_parameters(SSL_CTX* context, const std::string& pem, const library& in, config::problems& found) {
    auto parameters = parse(pem, in.handle(), in.properties());
    if (!parameters || SSL_CTX_set0_tmp_dh_pkey(context, parameters.get()) != 1)
        return refuse(found, "dhparam", "OpenSSL refuses them: " + take_errors(), {}, form);
    static_cast<void>(parameters.release());  // the context's now
    if (!uses_dhe(context)) warn(found, "dhparam", "no cipher of this server uses them: none in `ciphers` is of DHE");
}

}  // namespace postern::certs
