#include "proxy/tls/method_cache.hpp"

#include "certs/library.hpp"
#include "proxy/tls/traffic_secrets.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <gtest/gtest.h>

#include <iterator>
#include <thread>
#include <vector>

using namespace postern;
using namespace postern::tls;

namespace {

struct method_cache_test : testing::Test {
    certs::library library;
    void* digest(const char* name, const char* properties = nullptr) const {
        EVP_MD* md = EVP_MD_fetch(library.handle(), name, properties);
        if (md == nullptr) ERR_clear_error();
        EVP_MD_free(md);
        return md;
    }
};

std::vector<std::string> names_of(EVP_KEYMGMT* of) {
    std::vector<std::string> all;
    const auto each = [](const char* name, void* into) {
        static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    };
    EXPECT_EQ(EVP_KEYMGMT_names_do_all(of, each, &all), 1);
    return all;
}

}  // namespace

TEST_F(method_cache_test, gives_what_the_library_gives) {
    const auto plain = digest("SHA256");
    const method_cache cache;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(digest("SHA256"), plain);
    EXPECT_EQ(cache.hits(), 2U);
}

TEST_F(method_cache_test, tells_kinds_names_properties_and_libraries_apart) {
    const certs::library other;
    const method_cache cache;
    for (int i = 0; i < 2; ++i) {
        const auto sha256 = digest("SHA256");
        EXPECT_NE(digest("SHA384"), sha256);
        EXPECT_EQ(digest("SHA256", "provider=default"), sha256);
        EXPECT_EQ(digest("SHA256", "provider=nobody"), nullptr);
        EVP_MD* of_other = EVP_MD_fetch(other.handle(), "SHA256", nullptr);
        EXPECT_NE(of_other, sha256);
        EVP_MD_free(of_other);
        EVP_MAC* mac = EVP_MAC_fetch(library.handle(), "HMAC", nullptr);
        EVP_KDF* kdf = EVP_KDF_fetch(library.handle(), "HKDF", nullptr);
        EVP_CIPHER* cipher = EVP_CIPHER_fetch(library.handle(), "AES-256-CBC", nullptr);
        EXPECT_TRUE(mac != nullptr && kdf != nullptr && cipher != nullptr);
        EVP_MAC_free(mac);
        EVP_KDF_free(kdf);
        EVP_CIPHER_free(cipher);
    }
    EXPECT_GT(cache.hits(), 0U);
}

TEST_F(method_cache_test, does_not_remember_what_there_is_not) {
    const method_cache cache;
    EXPECT_EQ(digest("SHA257"), nullptr);
    EXPECT_EQ(digest("SHA257"), nullptr);
    EXPECT_EQ(cache.hits(), 0U);
}

TEST_F(method_cache_test, remembers_more_than_a_worker_asks_for_whatever_places_they_hash_to) {
    const char* const names[] = {"MD5",        "SHA1",       "SHA224",   "SHA256",     "SHA384",    "SHA512",
                                 "SHA3-224",   "SHA3-256",   "SHA3-384", "SHA3-512",   "SHAKE128",  "SHAKE256",
                                 "BLAKE2S256", "BLAKE2B512", "SM3",      "SHA512-224", "SHA512-256"};
    const char* const properties[] = {nullptr, "provider=default"};
    const method_cache cache;
    for (int turn = 0; turn < 2; ++turn)
        for (const char* name : names)
            for (const char* p : properties) EXPECT_NE(digest(name, p), nullptr) << name;
    EXPECT_EQ(cache.hits(), std::size(names) * std::size(properties));
}

TEST_F(method_cache_test, goes_on_when_more_is_asked_for_than_it_has_places) {
    std::vector<std::string> properties;
    properties.reserve(300);
    for (int i = 0; i < 300; ++i) properties.push_back("?some.property" + std::to_string(i) + "=yes");
    const method_cache cache;
    for (int turn = 0; turn < 2; ++turn)
        for (const auto& p : properties) EXPECT_NE(digest("SHA256", p.c_str()), nullptr);
}

TEST_F(method_cache_test, knows_the_names_of_a_kind_of_key) {
    EVP_KEYMGMT* ec = EVP_KEYMGMT_fetch(library.handle(), "EC", nullptr);
    ASSERT_NE(ec, nullptr);
    const auto plain = names_of(ec);
    {
        const method_cache cache;
        EXPECT_EQ(names_of(ec), plain);
        EXPECT_EQ(names_of(ec), plain);
        EXPECT_EQ(cache.hits(), 1U);
    }
    EXPECT_EQ(names_of(ec), plain);
    EVP_KEYMGMT_free(ec);
}

TEST_F(method_cache_test, serves_its_own_thread_alone) {
    const method_cache cache;
    digest("SHA256");
    std::thread other([&] { digest("SHA256"); });
    other.join();
    EXPECT_EQ(cache.hits(), 0U);
}

TEST_F(method_cache_test, holds_nothing_when_it_has_gone) {
    {
        const method_cache cache;
        digest("SHA256");
    }
    // The library could not be freed under a reference; AddressSanitizer tells.
    EXPECT_NE(digest("SHA256"), nullptr);
}

// Ours and the library's own: the program's EVP_Q_mac stands before it.
TEST(finished_mac, is_the_librarys_byte_for_byte_and_made_by_us_only_while_our_schedule_derives_keys) {
    const certs::library library;
    const std::vector<std::uint8_t> key(48, 'k');
    const std::vector<std::uint8_t> data(48, 'd');
    const auto mac = [&](const char* name, const char* digest, std::size_t room) {
        std::vector<std::uint8_t> out(room);
        std::size_t size = 0;
        const auto* made = EVP_Q_mac(library.handle(), name, nullptr, digest, nullptr, key.data(), key.size(),
                                     data.data(), data.size(), out.data(), out.size(), &size);
        ERR_clear_error();
        out.resize(made != nullptr ? size : 0);
        return out;
    };
    traffic_secrets heard;
    const listening to(&heard);
    const struct {
        const char* name;
        const char* digest;
        std::size_t room;
    } cases[] = {{"HMAC", "SHA256", 128},  {"HMAC", "SHA2-256", 32},   {"HMAC", "SHA384", 128},
                 {"HMAC", "SHA2-384", 48}, {"HMAC", "SHA512", 128},    {"HMAC", "SHA256", 31},
                 {"HMAC", "NONE", 128},    {"KMAC-128", "SHA256", 128}};
    std::vector<std::vector<std::uint8_t>> by_library;
    by_library.reserve(std::size(cases));
    for (const auto& c : cases) by_library.push_back(mac(c.name, c.digest, c.room));
    EXPECT_EQ(by_library[0].size(), 32U);
    EXPECT_EQ(by_library[3].size(), 48U);
    EXPECT_FALSE(keys_are_ours());
    heard.note({}, data, library.handle());
    EXPECT_TRUE(keys_are_ours());
    for (std::size_t i = 0; i < std::size(cases); ++i)
        EXPECT_EQ(mac(cases[i].name, cases[i].digest, cases[i].room), by_library[i]) << i;
}
