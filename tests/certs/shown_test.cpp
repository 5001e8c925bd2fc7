// Which of several certificates a client is shown.
#include "certs/facts.hpp"
#include "certs/folder.hpp"
#include "certs/shown.hpp"
#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

using ::testing::ElementsAre;

identity_ptr for_names(std::vector<std::string> names, key_kind kind = key_kind::ec_p256) {
    const auto pair = authority().issue({std::move(names), kind});
    config::problems found;
    return parse_identity(0, pair.certificate, pair.key, {}, found);
}

// Of this name; of none when it is empty.
void ask_for(const talk& with, std::string name) {
    SSL_ctrl(with.client_end(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.empty() ? nullptr : name.data());
}

std::string fingerprint_for(SSL_CTX* server, const std::string& name,
                            const char* signatures = "ECDSA+SHA256:rsa_pss_rsae_sha256") {
    std::string shown;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const client from(version);
        SSL_CTX_set1_sigalgs_list(from.context(), signatures);
        talk with(from, server);
        ask_for(with, name);
        if (!with.handshake()) return with.server_error();
        const x509_ptr peer(SSL_get1_peer_certificate(with.client_end()));
        const auto text = fingerprint(peer.get());
        EXPECT_TRUE(shown.empty() || shown == text) << "the versions differ";
        shown = text;
    }
    return shown;
}

struct shown : ::testing::Test {
    const library in;
    const config::ssl settings{};
    const identity_ptr a = for_names({"a.example", "*.a.example"});
    const identity_ptr b = for_names({"b.example", "a.example"});
    const identity_ptr b_rsa = for_names({"b.example"}, key_kind::rsa_2048);
};

TEST_F(shown, of_one_kind_the_name_chooses_and_the_first_stands_for_unknown_names) {
    const auto server = serve(settings, {a, b}, in);
    EXPECT_EQ(fingerprint_for(server.get(), "a.example"), a->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), "www.a.example"), a->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), "B.Example."), b->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), "c.example"), a->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), ""), a->fingerprint);
}

TEST_F(shown, of_those_that_names_choose_among_only_what_is_asked_for_is_parsed) {
    const auto server = serve(settings, {a, b, for_names({"c.example"}), b_rsa}, in);
    EXPECT_EQ(parsed_certificates(server.get()), 2U) << "the first of each kind";
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(fingerprint_for(server.get(), "b.example"), b->fingerprint);
        EXPECT_EQ(parsed_certificates(server.get()), 3U);
    }
    EXPECT_EQ(fingerprint_for(server.get(), "unknown.example"), a->fingerprint);
    EXPECT_EQ(parsed_certificates(server.get()), 3U);
}

TEST_F(shown, a_certificate_that_openssl_refuses_is_found_when_all_are_checked) {
    const auto whole = for_names({"c.example"});
    const auto broken = std::make_shared<identity>();
    broken->chain = whole->chain;
    broken->names = whole->names;
    broken->key_type = whole->key_type;
    context_plan plan;
    plan.settings = &settings;
    plan.identities = {a, broken, b};
    const auto server = serve(plan, in);
    EXPECT_EQ(fingerprint_for(server.get(), "b.example"), b->fingerprint);
    EXPECT_NE(fingerprint_for(server.get(), "c.example"), a->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), "a.example"), a->fingerprint);
    plan.check_all = true;
    config::problems found;
    EXPECT_EQ(make_context(plan, in, found), nullptr);
    EXPECT_TRUE(lines(found).starts_with("certificate[1]: OpenSSL refuses it")) << lines(found);
    plan.identities[1] = b_rsa;
    EXPECT_EQ(parsed_certificates(serve(plan, in).get()), 3U);
}

TEST_F(shown, the_clients_abilities_choose_among_those_of_its_name) {
    const auto server = serve(settings, {a, b, b_rsa}, in);
    EXPECT_EQ(fingerprint_for(server.get(), "b.example", "ECDSA+SHA256"), b->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), "b.example", "rsa_pss_rsae_sha256"), b_rsa->fingerprint);
    // a.example has nothing of RSA, and another name's certificate would help nobody.
    EXPECT_EQ(fingerprint_for(server.get(), "a.example", "ECDSA+SHA256"), a->fingerprint);
    EXPECT_EQ(fingerprint_for(server.get(), "a.example", "rsa_pss_rsae_sha256"), "no shared cipher");
}

TEST_F(shown, a_chain_goes_with_its_certificate) {
    const auto middle = authority().intermediate("in the middle");
    const auto pair = middle.issue({{"c.example"}, key_kind::ec_p256});
    config::problems found;
    const auto c = parse_identity(0, pair.certificate + middle.certificate(), pair.key, {}, found);
    ASSERT_EQ(c->chain.size(), 2U) << lines(found);
    const auto server = serve(settings, {a, c}, in);
    for (const auto& [name, certificates] : {std::pair{"a.example", 1}, std::pair{"c.example", 2}}) {
        const client from;
        talk with(from, server.get());
        ask_for(with, name);
        ASSERT_TRUE(with.handshake());
        EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(with.client_end())), certificates) << name;
    }
}

TEST(certificate_folder, pairs_each_certificate_with_its_key_in_the_order_of_names) {
    const folder files;
    for (const char* name : {"b.crt", "b.key", "a.pem", "a.txt", ".hidden.pem", "lonely.key"}) files.write(name, "");
    const auto content = read_folder(files.path("."));
    EXPECT_EQ(content.error, "");
    std::vector<std::string> pairs;
    for (const auto& p : content.pairs)
        pairs.push_back(p.certificate.substr(p.certificate.rfind('/') + 1) + " " + p.key.substr(p.key.rfind('/') + 1));
    EXPECT_THAT(pairs, ElementsAre("a.pem a.pem", "b.crt b.key"));
}

TEST(certificate_folder, one_that_cannot_be_read_says_why) {
    EXPECT_EQ(read_folder("/nowhere/at/all").error, "No such file or directory");
    EXPECT_FALSE(is_folder("/nowhere/at/all"));
}

}  // namespace
}  // namespace postern::certs::testing
