// The files that say whom clients are trusted by, and nginx's verdicts.
#include "certs/trust.hpp"
#include "tests/certs/pki.hpp"
#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

using ::testing::HasSubstr;
using config::verify_mode;

struct trusting : ::testing::Test {
    folder files;
    config::ssl settings;
    config::problems found;
    const signer root{"root"};

    std::shared_ptr<const trust> load() {
        found.clear();
        return load_trust(settings, found);
    }
};

TEST_F(trusting, files_become_values) {
    EXPECT_EQ(load(), nullptr);
    EXPECT_EQ(lines(found), "");
    const signer other("other");
    settings.client_certificate = files.write("ca.crt", "what it is\n" + root.pem() + "\n" + other.pem());
    settings.trusted_certificate = files.write("more.crt", other.pem());
    settings.crl = files.write("all.crl", root.revoke({}) + other.revoke({}));
    const auto made = load();
    EXPECT_EQ(lines(found), "");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->named.size(), 2U);
    EXPECT_EQ(made->unnamed.size(), 1U);
    EXPECT_EQ(made->revoked.size(), 2U);
    ASSERT_EQ(made->lists.size(), 2U);
    EXPECT_EQ(made->lists[0].issuer, "CN=root");
    EXPECT_GT(made->lists[0].next_update, std::chrono::system_clock::now());
}

TEST_F(trusting, the_digest_tells_contents_and_not_files) {
    settings.client_certificate = files.write("ca.crt", root.pem());
    const auto one = load()->digest;
    settings.client_certificate = files.write("copy.crt", "# a copy\n" + root.pem());
    EXPECT_EQ(load()->digest, one);
    settings.trusted_certificate = std::exchange(settings.client_certificate, {});
    EXPECT_NE(load()->digest, one);
    files.write("copy.crt", signer("root").pem());
    EXPECT_NE(load()->digest, one);
}

TEST_F(trusting, a_file_that_cannot_be_used_is_an_error_of_its_key) {
    const auto told = [&](std::string config::ssl::*which, const std::string& text) {
        settings = {};
        settings.*which = files.write("file", text);
        EXPECT_EQ(load(), nullptr);
        return lines(found);
    };
    EXPECT_THAT(told(&config::ssl::client_certificate, ""), HasSubstr("client_certificate: the file is empty"));
    EXPECT_THAT(told(&config::ssl::client_certificate, root.revoke({})),
                HasSubstr("client_certificate: nothing of the kind in it"));
    EXPECT_THAT(told(&config::ssl::trusted_certificate, "no PEM\n"),
                HasSubstr("trusted_certificate: nothing of the kind in it"));
    EXPECT_THAT(told(&config::ssl::crl, root.pem()), HasSubstr("crl: nothing of the kind in it"));
    auto damaged = root.pem() + root.pem();
    damaged[damaged.size() - 60] = '!';
    EXPECT_THAT(told(&config::ssl::client_certificate, damaged),
                HasSubstr("client_certificate: certificate 2 in it is damaged"));
    damaged = root.revoke({});
    damaged.erase(damaged.size() - 60, 8);
    EXPECT_THAT(told(&config::ssl::crl, damaged), HasSubstr("crl: revocation list 1 in it is damaged"));
    settings = {};
    settings.crl = files.path("missing");
    EXPECT_EQ(load(), nullptr);
    EXPECT_THAT(lines(found), HasSubstr("crl: No such file or directory"));
}

TEST_F(trusting, what_will_keep_clients_out_is_a_warning) {
    settings.client_certificate = files.write("ca.crt", root.pem() + signer("other").pem());
    settings.crl = files.write("old.crl", root.revoke({}, -7200, -3600));
    EXPECT_TRUE(load());
    EXPECT_THAT(lines(found), HasSubstr("until it is, clients are refused (found: CN=root)"));
    EXPECT_THAT(lines(found),
                HasSubstr("crl: no list of an authority in it: its clients are refused (found: CN=other)"));
    EXPECT_FALSE(config::has_error(found));
    settings = {};
    settings.client_certificate = files.write("leaf.crt", to_pem(root.issue().get()));
    EXPECT_TRUE(load());
    EXPECT_THAT(lines(found), HasSubstr("a certificate that can vouch for nobody"));
}

TEST(judge, follows_nginx) {
    struct row {
        verify_mode mode;
        verdict missing, good, stranger, expired;
    };
    using enum verdict;
    for (const auto& r :
         {row{verify_mode::off, passed, passed, passed, passed}, row{verify_mode::on, missing, passed, failed, failed},
          row{verify_mode::optional, passed, passed, failed, failed},
          row{verify_mode::optional_no_ca, passed, passed, passed, failed}}) {
        EXPECT_EQ(judge(r.mode, false, X509_V_OK), r.missing) << static_cast<int>(r.mode);
        EXPECT_EQ(judge(r.mode, true, X509_V_OK), r.good) << static_cast<int>(r.mode);
        EXPECT_EQ(judge(r.mode, true, X509_V_ERR_CERT_UNTRUSTED), r.stranger) << static_cast<int>(r.mode);
        EXPECT_EQ(judge(r.mode, true, X509_V_ERR_CERT_HAS_EXPIRED), r.expired) << static_cast<int>(r.mode);
    }
}

TEST(judge, tolerates_exactly_five_faults) {
    int tolerated = 0;
    for (long fault = 1; fault < 200; ++fault) tolerated += is_tolerable(fault) ? 1 : 0;
    EXPECT_EQ(tolerated, 5);
    for (const long fault : {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
                             X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_CERT_UNTRUSTED,
                             X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE})
        EXPECT_TRUE(is_tolerable(fault)) << fault;
}

}  // namespace
}  // namespace postern::certs::testing
