// A client of TLS 1.3 that comes again with the newest ticket that it has been given.
#pragma once

#include "tests/proxy/tls/engine_pair.hpp"

#include <gtest/gtest.h>

namespace postern::tls::test_pair {

struct returning {
    certs::ssl_ctx_ptr context = make_client(TLS1_3_VERSION);
    certs::session_ptr newest;

    returning() {
        SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_set_app_data(context.get(), this);
        SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION* session) {
            static_cast<returning*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->newest.reset(session);
            return 1;
        });
    }

    // A handshake with the ticket that is there, whose place a new one takes. Whether it was a resumption.
    bool visit(SSL_CTX* at) {
        engine server(at, "localhost");
        client peer(context.get());
        const certs::session_ptr offered = std::move(newest);
        if (offered) SSL_set_session(peer.ssl(), offered.get());
        for (int i = 0; i < 3 && !peer.shake(); ++i) peer.hear(shake(server, peer.sent()).output);
        without_openssl = server.did_without_openssl();
        peer.hear(shake(server, peer.sent()).output);
        EXPECT_EQ(peer.heard(), "");
        EXPECT_TRUE(server.handed_over());
        const bool resumed = server.resumed();
        EXPECT_EQ(SSL_session_reused(peer.ssl()), resumed ? 1 : 0);
        SSL_set_shutdown(peer.ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        return resumed;
    }
    bool without_openssl = false;  // the last visit's handshake was
};

}  // namespace postern::tls::test_pair
