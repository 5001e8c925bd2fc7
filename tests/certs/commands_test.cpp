#include "certs/commands.hpp"

#include "certs/policy.hpp"
#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct commands : ::testing::Test {
    const library in;
    config::ssl settings;
    config::problems found;

    server_context make(std::vector<std::string> all) {
        settings.conf_command = std::move(all);
        found.clear();
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {issued(key_kind::ec_p256)};
        return make_context(plan, in, found);
    }
};

TEST_F(commands, they_come_last_and_one_after_the_other) {
    const auto made = make({"Ciphersuites TLS_AES_128_GCM_SHA256", "ciphersuites  TLS_AES_256_GCM_SHA384"});
    ASSERT_NE(made, nullptr) << lines(found);
    EXPECT_THAT(describe_policy(made.get()), HasSubstr("TLSv1.3 TLS_AES_256_GCM_SHA384\n"));
    EXPECT_THAT(describe_policy(made.get()), Not(HasSubstr("TLS_AES_128")));
}

TEST_F(commands, options_are_set_and_taken_back) {
    settings.prefer_server_ciphers = false;
    EXPECT_NE(SSL_CTX_get_options(make({"Options ServerPreference,PrioritizeChaCha"}).get()) & SSL_OP_PRIORITIZE_CHACHA,
              0U);
    settings.prefer_server_ciphers = true;
    EXPECT_EQ(SSL_CTX_get_options(make({"Options -ServerPreference"}).get()) & SSL_OP_CIPHER_SERVER_PREFERENCE, 0U);
}

TEST_F(commands, what_has_a_key_of_its_own_is_sent_there) {
    EXPECT_EQ(make({"MinProtocol TLSv1"}), nullptr);
    EXPECT_EQ(lines(found),
              "conf_command[0]: a command that has a key of its own: protocols (found: MinProtocol TLSv1)\n");
    EXPECT_EQ(make({"Options Bugs", "cipherstring ALL"}), nullptr);
    EXPECT_EQ(lines(found),
              "conf_command[1]: a command that has a key of its own: ciphers (found: cipherstring ALL)\n");
}

TEST_F(commands, what_reads_files_or_is_unknown_is_refused) {
    for (const char* command : {"ServerInfoFile /etc/passwd", "VerifyCAPath /", "Nonsense x", ""}) {
        EXPECT_EQ(make({command}), nullptr) << command;
        EXPECT_THAT(lines(found), StartsWith("conf_command[0]: no command that may stand here")) << command;
        EXPECT_THAT(lines(found), HasSubstr("allowed: NAME VALUE, with Options, Ciphersuites, ")) << command;
    }
}

TEST_F(commands, a_wrong_value_is_told_in_openssls_words) {
    EXPECT_EQ(make({"Groups P-257"}), nullptr);
    EXPECT_THAT(lines(found), StartsWith("conf_command[0]: OpenSSL refuses it: "));
    EXPECT_EQ(make({"Ciphersuites"}), nullptr);
    EXPECT_EQ(lines(found), "conf_command[0]: a command without a value (found: Ciphersuites)\n");
}

TEST_F(commands, renegotiation_and_compression_stay_off) {
    for (const char* command :
         {"Options -NoRenegotiation", "Options Compression", "Options UnsafeLegacyRenegotiation"}) {
        EXPECT_EQ(make({command}), nullptr) << command;
        EXPECT_THAT(lines(found), StartsWith("conf_command[0]: there is no compression here, no renegotiation"))
            << command;
    }
}

}  // namespace
}  // namespace postern::certs::testing
