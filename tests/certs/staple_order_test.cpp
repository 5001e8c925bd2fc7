// What is found out about stapling when a configuration is loaded: issuer, responder, files.
#include "certs/staple_order.hpp"

#include "certs/kept_staples.hpp"
#include "tests/certs/ocsp_authority.hpp"
#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ocsp.h>

#include <fstream>

namespace postern::certs::testing {
namespace {

using ::testing::HasSubstr;

std::string text(const der& bytes) { return {bytes.begin(), bytes.end()}; }

const extensions names_responder{{NID_info_access, "OCSP;URI:http://ocsp.example/a?b"}};

struct orders : ::testing::Test {
    const folder files;
    const certified root = certify("root", nullptr);
    const certified leaf = certify("localhost", &root, names_responder);
    config::ssl settings;
    std::string state_directory;
    config::problems found;

    void SetUp() override { settings.stapling = true; }

    std::vector<staple_order_ptr> make(const std::vector<std::shared_ptr<const identity>>& identities) {
        found.clear();
        return make_staple_orders(settings, identities, state_directory, std::chrono::system_clock::now(), found);
    }
    staple_order_ptr one() { return make({identity_of(leaf, root)}).at(0); }
    std::string at(const std::string& name) const { return " (found: " + files.path(name) + ")"; }
};

TEST_F(orders, the_issuer_is_of_the_chain_and_the_responder_of_the_certificate) {
    const auto order = one();
    ASSERT_NE(order, nullptr);
    EXPECT_EQ(lines(found), "");
    EXPECT_EQ(order->about.leaf, leaf.bytes());
    EXPECT_EQ(order->about.issuer, root.bytes());
    EXPECT_EQ(order->subject, "CN=localhost");
    ASSERT_TRUE(order->responder);
    EXPECT_EQ(order->responder->authority, "ocsp.example");
    EXPECT_EQ(order->responder->address.port, 80);
    EXPECT_EQ(order->responder->target, "/a?b");
    EXPECT_EQ(order->first, nullptr);
}

TEST_F(orders, nothing_is_made_while_stapling_is_off) {
    settings.stapling = false;
    settings.stapling_file = files.path("nowhere");
    EXPECT_EQ(one(), nullptr);
    EXPECT_EQ(lines(found), "");
}

TEST_F(orders, the_issuer_may_be_among_the_trusted_certificates) {
    config::problems none;
    const auto alone = parse_identity(0, leaf.certificate_pem(), leaf.key_pem(), {}, none);
    EXPECT_EQ(make({alone}).at(0), nullptr);
    EXPECT_EQ(lines(found),
              "warning: stapling: the issuer of CN=localhost is neither in the chain nor in trusted_certificate: "
              "nothing is stapled\n");
    for (auto* key : {&settings.trusted_certificate, &settings.client_certificate}) {
        *key = files.write("ca.pem", certify("another", nullptr).certificate_pem() + root.certificate_pem());
        const auto order = make({alone}).at(0);
        ASSERT_NE(order, nullptr);
        EXPECT_EQ(order->about.issuer, root.bytes());
        key->clear();
    }
}

TEST_F(orders, a_file_of_authorities_without_one_is_refused) {
    settings.trusted_certificate = files.write("empty.pem", "nothing");
    static_cast<void>(one());
    EXPECT_EQ(lines(found), "trusted_certificate: no certificate in it" + at("empty.pem") +
                                "; allowed: PEM: -----BEGIN CERTIFICATE-----\n");
    settings.trusted_certificate = files.path("gone.pem");
    static_cast<void>(one());
    EXPECT_EQ(lines(found), "trusted_certificate: No such file or directory" + at("gone.pem") + "\n");
}

TEST_F(orders, the_operators_responder_goes_before_the_certificates) {
    settings.stapling_responder = "http://[::1]:8080";
    const auto order = one();
    ASSERT_TRUE(order && order->responder);
    EXPECT_EQ(order->responder->address.host, "::1");
    EXPECT_EQ(order->responder->target, "/");
}

TEST_F(orders, a_certificate_without_a_responder_is_not_stapled_and_the_operator_is_told) {
    const auto silent = certify("localhost", &root);
    EXPECT_EQ(make({identity_of(silent, root)}).at(0), nullptr);
    EXPECT_EQ(lines(found), "warning: stapling: the responder of CN=localhost is unknown: neither the certificate nor "
                            "stapling_responder names one: nothing is stapled\n");
    const auto secure = certify("localhost", &root, {{NID_info_access, "OCSP;URI:https://ocsp.example/"}});
    EXPECT_EQ(make({identity_of(secure, root)}).at(0), nullptr);
    EXPECT_EQ(lines(found),
              "warning: stapling: the responder of CN=localhost cannot be asked, which is done over plain http: "
              "nothing is stapled (found: https://ocsp.example/)\n");
}

TEST_F(orders, a_certificate_that_demands_stapling_and_gets_none_draws_a_warning) {
    const auto demanding = certify("localhost", &root, {{NID_tlsfeature, "status_request"}});
    const std::string warning =
        "warning: stapling: the certificate of CN=localhost demands stapling (RFC 7633): clients will "
        "refuse it\n";
    settings.stapling = false;
    static_cast<void>(make({identity_of(demanding, root)}));
    EXPECT_EQ(lines(found), warning);
    settings.stapling = true;
    static_cast<void>(make({identity_of(demanding, root)}));
    EXPECT_THAT(lines(found), HasSubstr(warning));
    settings.stapling_responder = "http://ocsp.example";
    static_cast<void>(make({identity_of(demanding, root)}));
    EXPECT_EQ(lines(found), "");
}

TEST_F(orders, verified_means_by_the_trusted_certificates) {
    settings.trusted_certificate = files.write("ca.pem", root.certificate_pem());
    EXPECT_TRUE(one()->about.trusted.empty());
    settings.stapling_verify = true;
    EXPECT_EQ(one()->about.trusted, std::vector<der>{root.bytes()});
}

TEST_F(orders, ids_tell_certificates_and_settings_apart_and_nothing_else) {
    const auto id = one()->id;
    EXPECT_EQ(one()->id, id);
    settings.session_tickets = false;
    EXPECT_EQ(one()->id, id);
    settings.stapling_responder = "http://other.example";
    EXPECT_NE(one()->id, id);
    settings.stapling_responder.clear();
    settings.trusted_certificate = files.write("ca.pem", root.certificate_pem());
    EXPECT_EQ(one()->id, id);
    settings.stapling_verify = true;
    EXPECT_NE(one()->id, id);
    settings.stapling_verify = false;
    const auto renewed = certify("localhost", &root, names_responder);
    EXPECT_NE(make({identity_of(renewed, root)}).at(0)->id, id);
}

TEST_F(orders, a_files_response_is_stapled_and_nobody_is_asked) {
    settings.stapling_file = files.write("site.ocsp", text(respond(leaf, root)));
    const auto order = one();
    ASSERT_NE(order, nullptr);
    EXPECT_EQ(lines(found), "");
    EXPECT_FALSE(order->responder);
    EXPECT_NE(order->first, nullptr);
}

TEST_F(orders, of_several_certificates_the_file_is_the_one_that_it_is_about) {
    const auto rsa = certify("localhost", &root, names_responder, "RSA");
    settings.stapling_file = files.write("site.ocsp", text(respond(rsa, root)));
    const auto made = make({identity_of(leaf, root), identity_of(rsa, root)});
    EXPECT_EQ(lines(found), "");
    EXPECT_TRUE(made[0]->responder);
    EXPECT_FALSE(made[1]->responder);
    EXPECT_NE(made[1]->first, nullptr);
}

TEST_F(orders, a_file_that_is_no_response_for_a_certificate_is_refused) {
    const auto refused = [&](const der& content) {
        settings.stapling_file = files.write("site.ocsp", text(content));
        static_cast<void>(one());
        EXPECT_TRUE(config::has_error(found));
        return lines(found);
    };
    const std::string end = at("site.ocsp") + "; allowed: an OCSP response in DER, for one of the certificates\n";
    EXPECT_EQ(refused({'x'}), "stapling_file: not an OCSP response in DER" + end);
    EXPECT_EQ(refused(respond(certify("other", &root), root)), "stapling_file: about another certificate" + end);
    const auto stranger = certify("stranger", nullptr);
    EXPECT_THAT(refused(respond(leaf, root, {.signer = &stranger})),
                HasSubstr("stapling_file: its signature does not count"));
    EXPECT_EQ(refused(respond(leaf, root, {.status = V_OCSP_CERTSTATUS_REVOKED})),
              "stapling_file: it says that the certificate is revoked" + at("site.ocsp") + "\n");
    settings.stapling_file = files.path("gone");
    static_cast<void>(one());
    EXPECT_EQ(lines(found), "stapling_file: No such file or directory" + at("gone") + "\n");
}

TEST_F(orders, an_empty_file_is_refused) {
    settings.stapling_file = files.write("site.ocsp", "");
    static_cast<void>(one());
    EXPECT_THAT(lines(found), HasSubstr("stapling_file: not an OCSP response in DER"));
}

TEST_F(orders, a_file_out_of_time_draws_a_warning_and_is_not_stapled) {
    settings.stapling_file = files.write("site.ocsp", text(respond(leaf, root, {.next_update = -30s})));
    const auto order = one();
    ASSERT_NE(order, nullptr);
    EXPECT_EQ(order->first, nullptr);
    EXPECT_FALSE(order->responder);
    EXPECT_FALSE(config::has_error(found));
    EXPECT_THAT(lines(found), HasSubstr("stapling_file: expired on 20"));
    EXPECT_THAT(lines(found), HasSubstr("nothing is stapled"));
}

struct kept_responses : orders {
    void SetUp() override {
        orders::SetUp();
        state_directory = files.path("");
    }
    std::string fingerprint() const { return identity_of(leaf, root)->fingerprint; }
};

TEST_F(kept_responses, come_back_as_they_were) {
    const auto response = respond(leaf, root);
    EXPECT_EQ(keep(state_directory, fingerprint(), respond(leaf, root, {.next_update = 2h})), "");
    EXPECT_EQ(keep(state_directory, fingerprint(), response), "");
    EXPECT_EQ(read_kept(state_directory, fingerprint()).bytes, response);
    const auto order = one();
    EXPECT_EQ(lines(found), "");
    ASSERT_TRUE(order && order->first);
    EXPECT_EQ(order->first->response, response);
    EXPECT_TRUE(order->responder);
}

TEST_F(kept_responses, leave_nothing_else_in_the_folder) {
    EXPECT_EQ(keep(state_directory, "ab", {1, 2, 3}), "");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(state_directory), {}), 1);
    forget_kept(state_directory, "ab");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(state_directory), {}), 0);
    EXPECT_TRUE(read_kept(state_directory, "ab").error.empty());
}

TEST_F(kept_responses, that_cannot_be_written_say_why) {
    EXPECT_EQ(keep(files.path("gone"), "ab", {1}), "No such file or directory");
    std::filesystem::create_directory(kept_path(state_directory, "cd"));
    EXPECT_NE(keep(state_directory, "cd", {1}), "");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(state_directory), {}), 1);
    EXPECT_EQ(read_kept(state_directory, "cd").error, "Is a directory");
}

TEST_F(kept_responses, that_are_damaged_draw_a_warning_and_are_passed_over) {
    auto half = respond(leaf, root);
    half.resize(half.size() / 2);
    EXPECT_EQ(keep(state_directory, fingerprint(), half), "");
    const auto order = one();
    ASSERT_NE(order, nullptr);
    EXPECT_EQ(order->first, nullptr);
    EXPECT_FALSE(config::has_error(found));
    EXPECT_EQ(lines(found), "warning: stapling: a kept response is passed over: not an OCSP response in DER (found: " +
                                kept_path(state_directory, fingerprint()) + ")\n");
}

TEST_F(kept_responses, that_have_expired_or_say_revoked_are_passed_over_in_silence) {
    for (const auto& bad :
         {respond(leaf, root, {.next_update = -30s}), respond(leaf, root, {.status = V_OCSP_CERTSTATUS_REVOKED})}) {
        EXPECT_EQ(keep(state_directory, fingerprint(), bad), "");
        const auto order = one();
        ASSERT_NE(order, nullptr);
        EXPECT_EQ(order->first, nullptr);
        EXPECT_EQ(lines(found), "");
    }
}

}  // namespace
}  // namespace postern::certs::testing
