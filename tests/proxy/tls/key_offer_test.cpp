// When our key schedule is used, and why it is not.
#include "proxy/tls/key_offer.hpp"

#include "kdf.hpp"
#include "proxy/tls/provider.hpp"
#include "wrong_provider.hpp"

#include "tests/certs/support.hpp"

#include <openssl/provider.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::testing;
using ::testing::HasSubstr;

namespace {

// What is offered, and whose TLS13-KDF contexts that prefer ours would get, under this openssl.cnf.
struct outcome {
    key_offer offer;
    std::string provider;
};

outcome under(const std::string& sections) {
    const certs::testing::folder in;
    ::setenv("OPENSSL_CONF", in.write("openssl.cnf", "openssl_conf = init\n[init]\n" + sections).c_str(), 1);
    certs::library library;
    ::unsetenv("OPENSSL_CONF");
    outcome o{offer_key_schedule(library), {}};
    if (const auto kdf = fetch(library, provider_query))
        o.provider = OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf.get()));
    return o;
}

std::string default_properties(const std::string& query) {
    return "alg_section = algorithms\n[algorithms]\ndefault_properties = " + query + "\n";
}

}  // namespace

TEST(key_offer, the_key_schedule_stands_its_test_and_is_used) {
    EXPECT_EQ(test_key_schedule(provider_init), "");
    const auto plain = under("");
    EXPECT_TRUE(plain.offer.accepted);
    EXPECT_EQ(plain.offer.why, "");
    EXPECT_EQ(plain.provider, "postern");
}

TEST(key_offer, a_provider_of_the_operators_beside_the_default_one_changes_nothing) {
    EXPECT_TRUE(under("providers = list\n[list]\nnull = none\n[none]\nactivate = 1\n").offer.accepted);
}

TEST(key_offer, under_fips_it_is_not_even_loaded) {
    const auto fips = under(default_properties("fips=yes"));
    EXPECT_FALSE(fips.offer.accepted);
    EXPECT_FALSE(fips.offer.broken);
    EXPECT_EQ(fips.offer.why, "OpenSSL is confined to FIPS algorithms");
    EXPECT_EQ(fips.provider, "");
}

TEST(key_offer, the_operators_choice_of_provider_goes_before_our_wish) {
    const auto chosen = under(default_properties("provider=default"));
    EXPECT_FALSE(chosen.offer.accepted);
    EXPECT_FALSE(chosen.offer.broken);
    EXPECT_EQ(chosen.offer.why, "openssl.cnf asks for another provider");
    EXPECT_EQ(chosen.provider, "default");
}

TEST(key_offer, a_provider_that_does_not_start_is_not_used) {
    const auto none = +[](const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH**, void**) { return 0; };
    EXPECT_THAT(test_key_schedule(none), HasSubstr("the provider cannot be loaded"));
}

TEST(key_offer, a_provider_that_gives_wrong_keys_is_not_used) {
    EXPECT_EQ(test_key_schedule(wrong_provider), "it does not give the keys that RFC 8448 and OpenSSL give");
}
