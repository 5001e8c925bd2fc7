#include "certs/dhparam.hpp"

#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

namespace postern::certs::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// One of RFC 7919's groups, or with "DHX" of RFC 5114's.
std::string parameters(const char* group, const char* type = "DH") {
    const std::unique_ptr<EVP_PKEY_CTX, deleter<EVP_PKEY_CTX_free>> maker(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY_paramgen_init(maker.get());
    OSSL_PARAM wanted[] = {OSSL_PARAM_construct_utf8_string("group", const_cast<char*>(group), 0),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX_set_params(maker.get(), wanted);
    EVP_PKEY* made = nullptr;
    EVP_PKEY_generate(maker.get(), &made);
    const pkey_ptr owned(made);
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_Parameters(out.get(), made);
    return text_of(out.get());
}

struct dh : ::testing::Test {
    const library in;
    const folder files;
    config::ssl settings;
    config::problems found;

    dh() { settings.ciphers = "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"; }

    std::shared_ptr<const std::string> load(const std::string& text) {
        return load_dh_parameters(files.write("dh.pem", text), found);
    }
    server_context make(std::shared_ptr<const std::string> parameters) {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {issued(key_kind::rsa_2048)};
        plan.dh_parameters = std::move(parameters);
        return make_context(plan, in, found);
    }
};

std::string cipher_for_dhe(SSL_CTX* server) {
    const client from(TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(from.context(), "DHE-RSA-AES128-GCM-SHA256");
    talk with(from, server);
    return with.handshake() ? SSL_get_cipher_name(with.server_end()) : with.server_error();
}

TEST_F(dh, with_parameters_dhe_is_agreed_on_and_without_it_is_not) {
    const auto with = make(load(parameters("ffdhe2048")));
    EXPECT_EQ(lines(found), "");
    EXPECT_EQ(cipher_for_dhe(with.get()), "DHE-RSA-AES128-GCM-SHA256");
    EXPECT_EQ(cipher_for_dhe(make(nullptr).get()), "no shared cipher");
}

TEST_F(dh, a_file_that_holds_none_is_refused) {
    for (const auto& text : {std::string(), std::string("nonsense"), authority().certificate()}) {
        found.clear();
        EXPECT_EQ(load(text), nullptr);
        EXPECT_EQ(lines(found), "dhparam: no DH parameters in it (found: " + files.path("dh.pem") +
                                    "); allowed: PEM: -----BEGIN DH PARAMETERS-----, of 2048 bits or more\n");
    }
}

TEST_F(dh, a_file_that_is_not_there_is_refused) {
    EXPECT_EQ(load_dh_parameters(files.path("none.pem"), found), nullptr);
    EXPECT_EQ(lines(found), "dhparam: No such file or directory (found: " + files.path("none.pem") + ")\n");
}

TEST_F(dh, weak_ones_are_warned_of_and_refused_by_the_security_level) {
    const auto weak = load(parameters("dh_1024_160", "DHX"));
    ASSERT_NE(weak, nullptr) << lines(found);
    EXPECT_THAT(lines(found), StartsWith("warning: dhparam: weak parameters (1024 bits): clients refuse them"));
    EXPECT_EQ(make(weak), nullptr);
    EXPECT_THAT(lines(found), HasSubstr("\ndhparam: OpenSSL refuses them: "));
    found.clear();
    settings.protocols = {config::protocol::tls_1_0};
    settings.ciphers = "DHE-RSA-AES128-SHA";
    EXPECT_NE(make(weak), nullptr) << lines(found);
}

TEST_F(dh, parameters_that_no_cipher_uses_draw_a_warning) {
    settings.ciphers = config::ssl{}.ciphers;
    EXPECT_NE(make(load(parameters("ffdhe2048"))), nullptr);
    EXPECT_EQ(lines(found), "warning: dhparam: no cipher of this server uses them: none in `ciphers` is of DHE\n");
}

}  // namespace
}  // namespace postern::certs::testing
