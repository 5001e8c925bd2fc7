#include "bench/load/tls_client.hpp"

#include "bench/load/tally.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <cstring>
#include <stdexcept>

namespace postern::load {

namespace {

int keep_session(SSL* tls, SSL_SESSION* session) {
    auto& sessions = *static_cast<wallet*>(SSL_get_app_data(tls));
    sessions.newest.reset(session);
    ++sessions.tickets;
    return 1;  // the reference is ours now
}

void require(bool good, const std::string& what) {
    if (!good) throw std::runtime_error(what + ": " + reason_of_failure(0));
}

}  // namespace

tls_client::tls_client(const options& asked) : asked_(asked), context_(SSL_CTX_new(TLS_client_method())) {
    auto* context = context_.get();
    require(context != nullptr, "a TLS context");
    const int version = asked.tls == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
    require(SSL_CTX_set_min_proto_version(context, version) == 1 &&
                SSL_CTX_set_max_proto_version(context, version) == 1,
            "TLS " + asked.tls);
    require(SSL_CTX_set1_groups_list(context, asked.groups.c_str()) == 1, "groups " + asked.groups);
    require(SSL_CTX_set_ciphersuites(context, asked.suites.c_str()) == 1, "suites " + asked.suites);
    require(SSL_CTX_set_cipher_list(context, asked.ciphers.c_str()) == 1, "ciphers " + asked.ciphers);
    if (!asked.authority.empty()) {
        require(SSL_CTX_load_verify_file(context, asked.authority.c_str()) == 1, asked.authority);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    } else {
        // OpenSSL would build the chain all the same, only to pass over what comes of it.
        SSL_CTX_set_cert_verify_callback(
            context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
}

ssl_ptr<SSL> tls_client::begin(int socket, wallet& sessions) const {
    ssl_ptr<SSL> tls(SSL_new(context_.get()));
    SSL_set_app_data(tls.get(), &sessions);
    SSL_set_fd(tls.get(), socket);
    SSL_ctrl(tls.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(asked_.server_name.c_str()));  // only read
    SSL_set1_host(tls.get(), asked_.server_name.c_str());
    if (asked_.resume && sessions.newest) {
        // A copy, because OpenSSL lets a client use a session of TLS 1.3 once, and a server need not give another
        // ticket to who resumes (h2o does not).
        const ssl_ptr<SSL_SESSION> copy(SSL_SESSION_dup(sessions.newest.get()));
        SSL_set_session(tls.get(), copy.get());
    }
    return tls;
}

void count_handshake(SSL* tls, tally& counts) {
    const bool resumed = SSL_session_reused(tls) != 0;
    ++(resumed ? counts.resumed : counts.full);
    ++counts.suites[SSL_get_cipher_name(tls)];
    if (!resumed) {
        const auto* chain = SSL_get_peer_cert_chain(tls);
        ++counts.chains[chain ? static_cast<std::size_t>(sk_X509_num(chain)) : 0];
    }
    EVP_PKEY* share = nullptr;
    if (SSL_get_peer_tmp_key(tls, &share) != 1) return;  // TLS 1.2 resumes without a key exchange
    unsigned char* bytes = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(share, &bytes);
    ++counts.shares;
    counts.distinct_shares.emplace(bytes, bytes + size);
    OPENSSL_free(bytes);
    // For an EC key the name of its type says nothing; the group's is a parameter of it.
    char group[64] = "";
    if (EVP_PKEY_get_group_name(share, group, sizeof group, nullptr) != 1) {
        std::strncpy(group, OBJ_nid2sn(EVP_PKEY_get_base_id(share)), sizeof group - 1);
    }
    ++counts.groups[group];
    EVP_PKEY_free(share);
}

std::string reason_of_failure(int socket_error) {
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code != 0 && ERR_GET_LIB(code) != ERR_LIB_SYS) {
        const char* reason = ERR_reason_error_string(code);
        return reason ? reason : "an error without a name";
    }
    return socket_error != 0 ? std::strerror(socket_error) : "closed by the server";
}

}  // namespace postern::load
