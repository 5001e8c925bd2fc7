// Certificates, files, and a client and a server that talk in memory.
#pragma once

#include "certs/context.hpp"
#include "certs/make.hpp"

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace postern::certs::testing {

using identity_ptr = std::shared_ptr<const identity>;

// One authority for the whole test program.
[[nodiscard]] const development_authority& authority();
// An identity that it issued; made once for each kind and name.
[[nodiscard]] identity_ptr issued(key_kind kind, const std::string& name = "localhost");

// PEM of a certificate for `key`, signed by itself, with a common name alone.
[[nodiscard]] std::string self_signed(EVP_PKEY* key, const std::string& common_name);
[[nodiscard]] std::string pem_of(EVP_PKEY* key);
// With the passphrase: PKCS#8, or OpenSSL's traditional form.
[[nodiscard]] std::string encrypted_pem_of(EVP_PKEY* key, const std::string& passphrase, bool traditional);

// A folder of its own, removed with all in it.
class folder {
public:
    folder();
    ~folder();
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    // The new file's path.
    std::string write(const std::string& name, std::string_view text, unsigned mode = 0600) const;
    [[nodiscard]] std::string path(const std::string& name) const { return (at_ / name).string(); }

private:
    std::filesystem::path at_;
};

// One line for each problem, as an operator would read them.
[[nodiscard]] std::string lines(const config::problems& found);

// A server context that must come without any problem.
[[nodiscard]] server_context serve(const context_plan& plan, const library& in);
[[nodiscard]] server_context serve(const config::ssl& settings, std::vector<identity_ptr> identities,
                                   const library& in);

// A TLS client that trusts authority() when told to verify, and keeps every session it is given.
class client {
public:
    explicit client(int version = TLS1_3_VERSION);
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    [[nodiscard]] SSL_CTX* context() const { return context_.get(); }
    [[nodiscard]] const std::vector<session_ptr>& sessions() const { return sessions_; }
    [[nodiscard]] SSL_SESSION* newest() const { return sessions_.empty() ? nullptr : sessions_.back().get(); }

private:
    static int keep(SSL* ssl, SSL_SESSION* session);
    ssl_ctx_ptr context_;
    std::vector<session_ptr> sessions_;
};

// The two ends of one connection.
class talk {
public:
    talk(const client& from, SSL_CTX* server, SSL_SESSION* resume = nullptr);
    // Ends in order: OpenSSL takes back the session of a connection that does not.
    ~talk();
    talk(const talk&) = delete;
    talk& operator=(const talk&) = delete;
    // Whether both ends finished; then a byte has gone each way too, so that tickets have arrived.
    [[nodiscard]] bool handshake();
    [[nodiscard]] SSL* client_end() const { return client_.get(); }
    [[nodiscard]] SSL* server_end() const { return server_.get(); }
    [[nodiscard]] bool resumed() const { return SSL_session_reused(server_.get()) == 1; }
    // The reason for which an end failed; empty when it did not.
    [[nodiscard]] const std::string& client_error() const { return client_error_; }
    [[nodiscard]] const std::string& server_error() const { return server_error_; }

private:
    ssl_ptr client_;
    ssl_ptr server_;
    std::string client_error_;
    std::string server_error_;
};

// Handshakes and says whether the session was resumed; a failed handshake fails the test.
[[nodiscard]] bool resumes(const client& from, SSL_CTX* server);

}  // namespace postern::certs::testing
