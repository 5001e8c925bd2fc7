#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace postern::certs::testing {
namespace {

identity_ptr parse(const pem_pair& pair) {
    config::problems found;
    auto made = parse_identity(0, pair.certificate, pair.key, {}, found);
    EXPECT_EQ(lines(found), "");
    return made;
}

TEST(make, a_leaf_has_every_name_it_was_asked_for) {
    const auto made = parse(authority().issue({{"localhost", "*.example.org", "127.0.0.1", "::1"}}));
    EXPECT_THAT(made->names, ::testing::ElementsAre("localhost", "*.example.org", "127.0.0.1", "::1"));
    EXPECT_EQ(made->subject, "CN=localhost");
    EXPECT_EQ(made->issuer, "CN=postern development CA");
}

TEST(make, a_name_longer_than_a_common_name_may_be_still_gets_a_certificate) {
    const std::string name = std::string(60, 'a') + ".example.org";
    EXPECT_THAT(parse(authority().issue({{name}}))->names, ::testing::ElementsAre(name));
}

TEST(make, a_name_that_would_smuggle_in_another_is_refused) {
    EXPECT_THROW(static_cast<void>(authority().issue({{"a.example,DNS:b.example"}})), std::runtime_error);
    EXPECT_THROW(static_cast<void>(authority().issue({{""}})), std::runtime_error);
    EXPECT_THROW(static_cast<void>(authority().issue({std::vector<std::string>{}})), std::runtime_error);
}

TEST(make, two_certificates_of_one_authority_have_serial_numbers_of_their_own) {
    EXPECT_NE(parse(authority().issue({}))->serial, parse(authority().issue({}))->serial);
}

TEST(make, the_keys_are_of_the_kind_asked_for) {
    EXPECT_EQ(issued(key_kind::ec_p256)->key_type, "EC prime256v1");
    EXPECT_EQ(issued(key_kind::rsa_2048)->key_type, "RSA 2048");
    EXPECT_EQ(issued(key_kind::ed25519)->key_type, "ED25519");
}

}  // namespace
}  // namespace postern::certs::testing
