#include "tests/certs/support.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <fstream>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

namespace postern::certs::testing {

const development_authority& authority() {
    static const development_authority one;
    return one;
}

identity_ptr issued(key_kind kind, const std::string& name) {
    static std::map<std::pair<key_kind, std::string>, identity_ptr> made;
    auto& one = made[{kind, name}];
    if (one) return one;
    const auto pair = authority().issue({{name}, kind});
    config::problems found;
    one = parse_identity(0, pair.certificate, pair.key, {}, found);
    EXPECT_EQ(lines(found), "");
    return one;
}

std::string self_signed(EVP_PKEY* key, const std::string& common_name) {
    const x509_ptr made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_NAME* name = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(made.get(), name);
    X509_set_pubkey(made.get(), key);
    X509_sign(made.get(), key, EVP_sha256());
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), made.get());
    return text_of(out.get());
}

std::string pem_of(EVP_PKEY* key) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(out.get());
}

std::string encrypted_pem_of(EVP_PKEY* key, const std::string& passphrase, bool traditional) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    const auto* phrase = reinterpret_cast<const unsigned char*>(passphrase.data());
    const int length = static_cast<int>(passphrase.size());
    if (traditional)
        PEM_write_bio_PrivateKey_traditional(out.get(), key, EVP_aes_256_cbc(), phrase, length, nullptr, nullptr);
    else
        PEM_write_bio_PKCS8PrivateKey(out.get(), key, EVP_aes_256_cbc(), passphrase.data(), length, nullptr, nullptr);
    return text_of(out.get());
}

folder::folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "postern-certs-XXXXXX").string();
    at_ = ::mkdtemp(pattern.data());
}

folder::~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(at_, ignored);
}

std::string folder::write(const std::string& name, std::string_view text, unsigned mode) const {
    auto file = path(name);
    std::ofstream(file, std::ios::binary) << text;
    ::chmod(file.c_str(), static_cast<mode_t>(mode));
    return file;
}

std::string lines(const config::problems& found) {
    std::string all;
    for (const auto& p : found) all += config::to_string(p) + "\n";
    return all;
}

server_context serve(const context_plan& plan, const library& in) {
    config::problems found;
    auto made = make_context(plan, in, found);
    EXPECT_EQ(lines(found), "");
    return made;
}

server_context serve(const config::ssl& settings, std::vector<identity_ptr> identities, const library& in) {
    context_plan plan;
    plan.settings = &settings;
    plan.identities = std::move(identities);
    return serve(plan, in);
}

client::client(int version) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:COMPLEMENTOFALL");
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_sess_set_new_cb(context_.get(), keep);
    const bio_ptr in(BIO_new_mem_buf(authority().certificate().data(), -1));
    const x509_ptr root(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), root.get());
}

int client::keep(SSL* ssl, SSL_SESSION* session) {
    auto& self = *static_cast<client*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self.sessions_.emplace_back(session);
    return 1;
}

talk::talk(const client& from, SSL_CTX* server, SSL_SESSION* resume)
    : client_(SSL_new(from.context())), server_(SSL_new(server)) {
    BIO* one = nullptr;
    BIO* other = nullptr;
    BIO_new_bio_pair(&one, 64 * 1024, &other, 64 * 1024);
    SSL_set_bio(client_.get(), one, one);
    SSL_set_bio(server_.get(), other, other);
    SSL_set_connect_state(client_.get());
    SSL_set_accept_state(server_.get());
    char name[] = "localhost";
    SSL_ctrl(client_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name);
    if (resume != nullptr) SSL_set_session(client_.get(), resume);
}

talk::~talk() {
    for (SSL* end : {client_.get(), server_.get()}) SSL_set_shutdown(end, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

namespace {

enum class progress { waits, done, failed };

progress advance(SSL* end, std::string& error) {
    ERR_clear_error();
    const int returned = SSL_do_handshake(end);
    if (returned == 1) return progress::done;
    const int why = SSL_get_error(end, returned);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return progress::waits;
    if (error.empty()) error = take_errors();
    return progress::failed;
}

bool send_byte(SSL* from, SSL* to) {
    char byte = 'x';
    return SSL_write(from, &byte, 1) == 1 && SSL_read(to, &byte, 1) == 1;
}

}  // namespace

bool talk::handshake() {
    for (int turn = 0; turn < 10; ++turn) {
        const auto at_client = client_error_.empty() ? advance(client_.get(), client_error_) : progress::failed;
        const auto at_server = server_error_.empty() ? advance(server_.get(), server_error_) : progress::failed;
        if (at_client == progress::failed && at_server == progress::failed) return false;
        if (at_client == progress::done && at_server == progress::done)
            return send_byte(server_.get(), client_.get()) && send_byte(client_.get(), server_.get());
    }
    return false;
}

bool resumes(const client& from, SSL_CTX* server) {
    talk with(from, server, from.newest());
    EXPECT_TRUE(with.handshake()) << with.client_error() << " / " << with.server_error();
    return with.resumed();
}

}  // namespace postern::certs::testing
