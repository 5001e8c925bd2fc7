#include "certs/library.hpp"

#include "tests/certs/support.hpp"

#include <gtest/gtest.h>
#include <openssl/provider.h>

#include <cstdlib>

namespace postern::certs::testing {
namespace {

// OPENSSL_CONF for the time of one test.
class configuration {
public:
    explicit configuration(const std::string& text) {
        ::setenv("OPENSSL_CONF",
                 in_.write("openssl.cnf", "config_diagnostics = 1\nopenssl_conf = init\n[init]\n" + text).c_str(), 1);
    }
    ~configuration() { ::unsetenv("OPENSSL_CONF"); }
    configuration(const configuration&) = delete;
    configuration& operator=(const configuration&) = delete;

private:
    folder in_;
};

TEST(library, a_private_context_has_the_default_provider) {
    const library made;
    EXPECT_EQ(OSSL_PROVIDER_available(made.handle(), "default"), 1);
    EXPECT_EQ(made.trouble(), "");
    EXPECT_FALSE(made.fips());
}

TEST(library, the_operators_openssl_cnf_is_loaded_and_the_default_provider_with_it) {
    const configuration with("providers = list\n[list]\nnull = null_section\n[null_section]\nactivate = 1\n");
    const library made;
    EXPECT_EQ(OSSL_PROVIDER_available(made.handle(), "null"), 1);
    EXPECT_EQ(OSSL_PROVIDER_available(made.handle(), "default"), 1);
}

TEST(library, a_configuration_that_asks_for_fips_is_known) {
    const configuration with("alg_section = algorithms\n[algorithms]\ndefault_properties = fips=yes\n");
    EXPECT_TRUE(library().fips());
}

TEST(library, a_configuration_that_cannot_be_applied_is_told) {
    const configuration with("alg_section = algorithms\n[algorithms]\nnonsense = 1\n");
    const library made;
    EXPECT_NE(made.trouble().find("openssl.cnf: "), std::string::npos) << made.trouble();
    EXPECT_EQ(OSSL_PROVIDER_available(made.handle(), "default"), 1);
}

TEST(library, no_openssl_cnf_is_no_trouble) {
    ::setenv("OPENSSL_CONF", "/nowhere/openssl.cnf", 1);
    EXPECT_EQ(library().trouble(), "");
    ::unsetenv("OPENSSL_CONF");
}

// In a child, because OpenSSL keeps what ssl_conf says for the whole process.
TEST(library, what_openssl_cnf_says_of_tls_does_not_loosen_a_context) {
    const auto guarded = [] {
        const configuration with("ssl_conf = tls\n[tls]\nsystem_default = loose\n[loose]\nMinProtocol = TLSv1\n"
                                 "Options = UnsafeLegacyRenegotiation,IgnoreUnexpectedEOF,-SessionTicket\n");
        const library in;
        const ssl_ctx_ptr bare(SSL_CTX_new_ex(in.handle(), in.properties(), TLS_server_method()));
        const config::ssl settings;
        const auto made = serve(settings, {issued(key_kind::ec_p256)}, in);
        constexpr auto loose = SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION;
        return (SSL_CTX_get_options(bare.get()) & loose) != 0 && (SSL_CTX_get_options(made.get()) & loose) == 0 &&
               (SSL_CTX_get_options(made.get()) & SSL_OP_NO_TICKET) == 0 &&
               SSL_CTX_get_min_proto_version(made.get()) == TLS1_2_VERSION;
    };
    EXPECT_EXIT(std::exit(guarded() ? 0 : 1), ::testing::ExitedWithCode(0), "");
}

TEST(library, what_openssl_cnf_says_of_tls_beyond_our_settings_is_known) {
    const auto knows = [](const std::string& commands) {
        const configuration with("ssl_conf = tls\n[tls]\nsystem_default = all\n[all]\n" + commands);
        return library().has_tls_settings();
    };
    const auto right = [&] {
        return !knows("MinProtocol = TLSv1.2\nCipherString = DEFAULT\nGroups = X25519\n") &&
               knows("MinProtocol = TLSv1.2\nRecordPadding = 512\n") && knows("SignatureAlgorithms = ECDSA+SHA256\n") &&
               knows("verifymode = Request\n");
    };
    EXPECT_EXIT(std::exit(right() ? 0 : 1), ::testing::ExitedWithCode(0), "");
    EXPECT_FALSE(library().has_tls_settings());
}

TEST(library, a_provider_of_the_program_can_be_added_and_one_that_does_not_start_is_told) {
    const auto none = +[](const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH**, void**) { return 0; };
    const auto bare = +[](const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions, void**) {
        static const OSSL_DISPATCH all[] = {{0, nullptr}};
        *functions = all;
        return 1;
    };
    library made;
    EXPECT_EQ(made.add("bare", bare), "");
    EXPECT_EQ(OSSL_PROVIDER_available(made.handle(), "bare"), 1);
    EXPECT_NE(made.add("none", none).find("cannot be loaded"), std::string::npos);
    EXPECT_EQ(OSSL_PROVIDER_available(made.handle(), "default"), 1);
}

TEST(library, it_can_be_moved) {
    library first;
    const auto* handle = first.handle();
    const library second(std::move(first));
    EXPECT_EQ(second.handle(), handle);
    EXPECT_EQ(OSSL_PROVIDER_available(second.handle(), "default"), 1);
}

}  // namespace
}  // namespace postern::certs::testing
