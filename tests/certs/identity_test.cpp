#include "certs/identity.hpp"

#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <thread>

#include <sys/stat.h>

namespace postern::certs::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

// A folder with site.crt and site.key, and what loading them says.
struct identities : ::testing::Test {
    folder in;
    pem_pair pair = authority().issue({});
    config::problems found;

    std::shared_ptr<const identity> load(const std::string& certificate, const std::string& key, unsigned mode = 0600) {
        return load_identity(0, in.write("site.crt", certificate, 0644), in.write("site.key", key, mode), {}, found);
    }
    std::shared_ptr<const identity> load_with_passwords(const std::string& key, const std::string& passwords) {
        return load_identity(0, in.write("site.crt", pair.certificate), in.write("site.key", key),
                             in.write("passwords", passwords), found);
    }
    [[nodiscard]] std::string said() const { return lines(found); }
    [[nodiscard]] std::string at(const std::string& file) const { return " (found: " + in.path(file) + ")"; }
};

pkey_ptr key_in(const std::string& pem) {
    const bio_ptr from(BIO_new_mem_buf(pem.data(), -1));
    return pkey_ptr(PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr));
}

TEST_F(identities, a_chain_and_its_key_load_without_a_word) {
    const auto made = load(pair.certificate + authority().certificate(), pair.key);
    EXPECT_EQ(said(), "");
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->chain.size(), 2U);
    EXPECT_EQ(made->fingerprint.size(), 64U);
    EXPECT_FALSE(made->serial.empty());
    EXPECT_GT(made->not_after, made->not_before);
    EXPECT_FALSE(made->key.bytes().empty());
}

TEST_F(identities, the_key_may_stand_in_the_certificates_file_on_either_side) {
    for (const auto& text : {pair.certificate + pair.key, pair.key + pair.certificate}) {
        const auto both = in.write("both.pem", text);
        EXPECT_NE(load_identity(0, both, both, {}, found), nullptr);
    }
    EXPECT_EQ(said(), "");
}

TEST_F(identities, a_file_that_is_not_there_is_named_with_the_systems_reason) {
    EXPECT_EQ(load_identity(1, in.path("none.crt"), in.path("none.key"), in.path("none.txt"), found), nullptr);
    EXPECT_EQ(said(), "password_file: No such file or directory" + at("none.txt") +
                          "\ncertificate[1]: No such file or directory" + at("none.crt") +
                          "\ncertificate_key[1]: No such file or directory" + at("none.key") + "\n");
}

TEST_F(identities, a_missing_combined_file_is_reported_once) {
    EXPECT_EQ(load_identity(0, in.path("none.pem"), in.path("none.pem"), {}, found), nullptr);
    EXPECT_EQ(said(), "certificate[0]: No such file or directory" + at("none.pem") + "\n");
}

TEST_F(identities, a_folder_is_no_certificate) {
    EXPECT_EQ(load_identity(0, in.path(""), in.write("site.key", pair.key), {}, found), nullptr);
    EXPECT_THAT(said(), StartsWith("certificate[0]: Is a directory"));
}

TEST_F(identities, empty_files_are_called_empty) {
    EXPECT_EQ(load("", ""), nullptr);
    EXPECT_THAT(said(), HasSubstr("certificate[0]: the file is empty" + at("site.crt")));
    EXPECT_THAT(said(), HasSubstr("certificate_key[0]: the file is empty" + at("site.key")));
}

TEST_F(identities, files_the_wrong_way_round_are_told_apart) {
    EXPECT_EQ(load(pair.key, pair.certificate), nullptr);
    EXPECT_THAT(said(), HasSubstr("certificate[0]: no certificate in it" + at("site.crt") +
                                  "; allowed: PEM: -----BEGIN CERTIFICATE-----, the server's own first"));
    EXPECT_THAT(said(), HasSubstr("certificate_key[0]: no private key in it" + at("site.key") +
                                  "; allowed: PEM: -----BEGIN PRIVATE KEY-----"));
}

TEST_F(identities, a_damaged_certificate_is_counted) {
    auto second = authority().certificate();
    second[100] = '*';
    EXPECT_EQ(load(pair.certificate + second, pair.key), nullptr);
    EXPECT_THAT(said(), StartsWith("certificate[0]: certificate 2 in it is damaged: "));
}

TEST_F(identities, a_damaged_key_is_not_called_missing) {
    auto key = pair.key;
    key[60] = '*';
    EXPECT_EQ(load(pair.certificate, key), nullptr);
    EXPECT_THAT(said(), StartsWith("certificate_key[0]: the private key in it is damaged: "));
}

TEST_F(identities, a_key_of_another_certificate_is_refused) {
    EXPECT_EQ(load(pair.certificate, authority().issue({}).key), nullptr);
    EXPECT_EQ(said(), "certificate_key[0]: the key does not match the certificate in " + in.path("site.crt") +
                          at("site.key") + "\n");
}

TEST_F(identities, a_key_of_another_kind_is_refused) {
    EXPECT_EQ(load(pair.certificate, authority().issue({{"localhost"}, key_kind::rsa_2048}).key), nullptr);
    EXPECT_THAT(said(), HasSubstr("does not match"));
}

TEST_F(identities, a_chain_that_does_not_begin_with_the_servers_own_certificate_is_refused_with_advice) {
    EXPECT_EQ(load(authority().certificate() + pair.certificate, pair.key), nullptr);
    EXPECT_EQ(said(), "certificate[0]: the key belongs to certificate 2 in it" + at("site.crt") +
                          "; allowed: the server's own certificate first, then its issuers\n");
}

TEST_F(identities, a_chain_out_of_order_is_refused_with_advice) {
    const auto middle = authority().intermediate("middle");
    const auto leaf = middle.issue({});
    EXPECT_EQ(load(leaf.certificate + authority().certificate() + middle.certificate(), leaf.key), nullptr);
    EXPECT_EQ(said(), "certificate[0]: out of order: certificate 3 in it issued certificate 1" + at("site.crt") +
                          "; allowed: the server's own certificate, then each one's issuer behind it\n");
}

TEST_F(identities, a_certificate_that_does_not_belong_to_the_chain_draws_a_warning) {
    EXPECT_NE(load(pair.certificate + authority().issue({}).certificate, pair.key), nullptr);
    EXPECT_THAT(said(), StartsWith("warning: certificate[0]: certificate 2 in it did not issue certificate 1"));
}

TEST_F(identities, a_chain_with_an_authority_in_the_middle_loads_without_a_word) {
    const auto middle = authority().intermediate("middle");
    const auto leaf = middle.issue({});
    EXPECT_NE(load(leaf.certificate + middle.certificate() + authority().certificate(), leaf.key), nullptr);
    EXPECT_EQ(said(), "");
}

TEST_F(identities, an_expired_certificate_loads_with_a_warning) {
    const auto old = authority().issue({{"localhost"}, key_kind::ec_p256, -48h, -24h});
    const auto made = load(old.certificate, old.key);
    ASSERT_NE(made, nullptr);
    EXPECT_THAT(said(), StartsWith("warning: certificate[0]: the certificate expired on 2"));
    EXPECT_THAT(said(), HasSubstr(" UTC" + at("site.crt")));
}

TEST_F(identities, a_certificate_of_the_future_loads_with_a_warning) {
    const auto early = authority().issue({{"localhost"}, key_kind::ec_p256, 24h, 48h});
    EXPECT_NE(load(early.certificate, early.key), nullptr);
    EXPECT_THAT(said(), StartsWith("warning: certificate[0]: the certificate is not valid before 2"));
}

TEST_F(identities, a_key_that_everyone_can_read_draws_a_warning_and_one_for_the_group_does_not) {
    EXPECT_NE(load(pair.certificate, pair.key, 0640), nullptr);
    EXPECT_EQ(said(), "");
    EXPECT_NE(load(pair.certificate, pair.key, 0644), nullptr);
    EXPECT_EQ(said(), "warning: certificate_key[0]: every user of this machine can read the key: chmod o-rwx" +
                          at("site.key") + "\n");
}

TEST_F(identities, a_weak_key_draws_a_warning) {
    const pkey_ptr weak(EVP_RSA_gen(1024U));
    EXPECT_NE(load(self_signed(weak.get(), "localhost"), pem_of(weak.get())), nullptr);
    EXPECT_EQ(said(), "warning: certificate_key[0]: a weak key (RSA 1024): clients refuse it; RSA needs 2048 bits" +
                          at("site.key") + "\n");
}

TEST_F(identities, without_alternative_names_the_common_name_counts) {
    const auto key = key_in(pair.key);
    EXPECT_THAT(load(self_signed(key.get(), "old.example.org"), pair.key)->names,
                ::testing::ElementsAre("old.example.org"));
}

TEST_F(identities, an_encrypted_key_opens_with_any_line_of_the_password_file) {
    const auto key = key_in(pair.key);
    for (const bool traditional : {false, true}) {
        const auto encrypted = encrypted_pem_of(key.get(), "open sesame", traditional);
        EXPECT_NE(load_with_passwords(encrypted, "wrong\r\n\nopen sesame\r\nlast"), nullptr);
        EXPECT_NE(load_with_passwords(encrypted, "open sesame"), nullptr);
    }
    EXPECT_EQ(said(), "");
}

TEST_F(identities, what_an_encrypted_key_holds_is_what_the_plain_one_holds) {
    const auto key = key_in(pair.key);
    const auto open = load_with_passwords(encrypted_pem_of(key.get(), "p", false), "p");
    const auto plain = load(pair.certificate, pair.key);
    ASSERT_TRUE(open && plain);
    EXPECT_EQ(open->key.text(), plain->key.text());
}

TEST_F(identities, a_plain_key_does_not_mind_a_password_file) {
    EXPECT_NE(load_with_passwords(pair.key, "unused\n"), nullptr);
    EXPECT_EQ(said(), "");
}

TEST_F(identities, an_encrypted_key_without_passphrase_is_refused_and_nobody_is_asked) {
    const auto key = key_in(pair.key);
    EXPECT_EQ(load(pair.certificate, encrypted_pem_of(key.get(), "secret", false)), nullptr);
    EXPECT_EQ(said(), "certificate_key[0]: the key is encrypted and there is no passphrase for it" + at("site.key") +
                          "; allowed: password_file: its passphrase\n");
}

TEST_F(identities, wrong_passphrases_are_told_but_not_shown) {
    const auto key = key_in(pair.key);
    EXPECT_EQ(load_with_passwords(encrypted_pem_of(key.get(), "secret", false), "guess\nother"), nullptr);
    EXPECT_EQ(said(), "certificate_key[0]: the key is encrypted and no passphrase of password_file opens it" +
                          at("site.key") + "\n");
}

TEST_F(identities, passwords_may_come_through_a_fifo) {
    const auto key = key_in(pair.key);
    const auto fifo = in.path("fifo");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    std::thread writer([&] { in.write("fifo", "through the pipe\n"); });
    const auto made =
        load_identity(0, in.write("site.crt", pair.certificate),
                      in.write("site.key", encrypted_pem_of(key.get(), "through the pipe", false)), fifo, found);
    writer.join();
    EXPECT_NE(made, nullptr) << said();
}

TEST(secret_bytes, moving_leaves_nothing_behind) {
    secret from(std::vector<std::uint8_t>{1, 2, 3});
    const secret to(std::move(from));
    EXPECT_EQ(to.bytes().size(), 3U);
    EXPECT_TRUE(from.bytes().empty());  // NOLINT(bugprone-use-after-move): the point of the test
}

}  // namespace
}  // namespace postern::certs::testing
