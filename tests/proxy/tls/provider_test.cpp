// Our TLS13-KDF beside OpenSSL's: the same keys for the same parameters, and refusals where it refuses.
#include "proxy/tls/provider.hpp"

#include "kdf.hpp"

#include "proxy/tls/key_offer.hpp"
#include "proxy/tls/key_request.hpp"

#include <openssl/err.h>
#include <openssl/provider.h>

#include <gtest/gtest.h>

#include <random>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::testing;

namespace {

constexpr int extract_only = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
constexpr int expand_only = EVP_KDF_HKDF_MODE_EXPAND_ONLY;

struct provider : ::testing::Test {
    provider() {
        EXPECT_TRUE(offer_key_schedule(in).accepted);
        ours = fetch(in, provider_query);
        openssl = fetch(in, "provider=default");
    }
    ~provider() override { ERR_clear_error(); }

    [[nodiscard]] static kdf_context fresh(const kdf_ptr& of) { return kdf_context(EVP_KDF_CTX_new(of.get())); }

    std::optional<octets> both(params& p, std::size_t length) const {
        auto made = derive(fresh(ours).get(), length, p.list());
        EXPECT_EQ(made, derive(fresh(openssl).get(), length, p.list()));
        return made;
    }

    certs::library in;
    kdf_ptr ours;
    kdf_ptr openssl;
};

octets some(std::mt19937& any, std::size_t length) {
    octets made(length);
    for (auto& b : made) b = static_cast<std::uint8_t>(any());
    return made;
}

std::size_t up_to(std::mt19937& any, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(any);
}

params expansion(const octets& key = octets(32, 1)) {
    params p;
    p.mode(expand_only).digest("SHA2-256").put(OSSL_KDF_PARAM_KEY, key);
    p.put(OSSL_KDF_PARAM_PREFIX, "tls13 ").put(OSSL_KDF_PARAM_LABEL, "key");
    return p;
}

params extraction(bool salted) {
    params p;
    p.mode(extract_only).digest("SHA2-256").put(OSSL_KDF_PARAM_KEY, octets(32, 1));
    if (salted) p.put(OSSL_KDF_PARAM_SALT, octets(32, 2));
    p.put(OSSL_KDF_PARAM_PREFIX, "tls13 ").put(OSSL_KDF_PARAM_LABEL, "derived");
    return p;
}

}  // namespace

TEST_F(provider, it_is_ours_for_whoever_prefers_it_and_openssl_s_for_everybody_else) {
    const auto name = [](const kdf_ptr& k) {
        return std::string(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(k.get())));
    };
    EXPECT_EQ(name(ours), "postern");
    EXPECT_EQ(name(openssl), "default");
    EXPECT_EQ(name(fetch(in, nullptr)), "default");
    EXPECT_EQ(name(fetch(certs::library(), provider_query)), "default");
}

TEST_F(provider, everything_else_stays_with_the_default_provider) {
    const auto name = [](const OSSL_PROVIDER* p) { return std::string(OSSL_PROVIDER_get0_name(p)); };
    const auto use = [&](auto* fetched, auto provider_of, auto release) {
        ASSERT_NE(fetched, nullptr);
        EXPECT_EQ(name(provider_of(fetched)), "default");
        release(fetched);
    };
    for (const char* digest : {"SHA2-256", "SHA2-384", "SHA1"})
        use(EVP_MD_fetch(in.handle(), digest, provider_query), EVP_MD_get0_provider, EVP_MD_free);
    for (const char* cipher : {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-256-CBC"})
        use(EVP_CIPHER_fetch(in.handle(), cipher, provider_query), EVP_CIPHER_get0_provider, EVP_CIPHER_free);
    for (const char* kind : {"EC", "RSA", "X25519", "ED25519"})
        use(EVP_KEYMGMT_fetch(in.handle(), kind, provider_query), EVP_KEYMGMT_get0_provider, EVP_KEYMGMT_free);
    for (const char* signature : {"ECDSA", "RSA", "ED25519"})
        use(EVP_SIGNATURE_fetch(in.handle(), signature, provider_query), EVP_SIGNATURE_get0_provider,
            EVP_SIGNATURE_free);
    use(EVP_MAC_fetch(in.handle(), "HMAC", provider_query), EVP_MAC_get0_provider, EVP_MAC_free);
    use(EVP_KDF_fetch(in.handle(), "TLS1-PRF", provider_query), EVP_KDF_get0_provider, EVP_KDF_free);
}

TEST_F(provider, what_libssl_asks_for_is_answered_by_us) {
    EXPECT_TRUE(read_key_request(expansion().list()));
    EXPECT_TRUE(read_key_request(expansion().put(OSSL_KDF_PARAM_DATA, octets(32, 3)).list()));
    EXPECT_TRUE(read_key_request(extraction(true).list()));
    EXPECT_TRUE(read_key_request(extraction(false).list()));
}

TEST_F(provider, random_requests_are_answered_as_by_openssl) {
    std::mt19937 any(8448);
    int made = 0;
    for (int i = 0; i < 4000; ++i) {
        const bool extract = up_to(any, 1) == 0;
        const bool shorter = up_to(any, 1) == 0;
        const std::size_t size = shorter ? 32 : 48;
        params p;
        p.mode(extract ? extract_only : expand_only).digest(shorter ? "SHA2-256" : "SHA2-384");
        // Mostly whole requests, now and then one that lacks a piece.
        const auto there = [&] { return up_to(any, 15) != 0; };
        if (there()) p.put(OSSL_KDF_PARAM_KEY, some(any, up_to(any, 3) == 0 ? 1 + up_to(any, 199) : size));
        if (extract && up_to(any, 3) != 0)
            p.put(OSSL_KDF_PARAM_SALT, some(any, up_to(any, 3) == 0 ? 1 + up_to(any, 199) : size));
        if (there()) p.put(OSSL_KDF_PARAM_PREFIX, some(any, 1 + up_to(any, 9)));
        if (there()) p.put(OSSL_KDF_PARAM_LABEL, some(any, 1 + up_to(any, up_to(any, 7) == 0 ? 299 : 19)));
        if (!extract && up_to(any, 1) == 0)
            p.put(OSSL_KDF_PARAM_DATA, some(any, 1 + up_to(any, up_to(any, 7) == 0 ? 299 : 47)));
        std::size_t length = size;
        if (!extract) length = up_to(any, 7) == 0 ? up_to(any, 13000) : 1 + up_to(any, size - 1);
        if (extract && up_to(any, 15) == 0) length = up_to(any, 64);
        made += both(p, length) ? 1 : 0;
        if (HasFailure()) FAIL() << "request " << i;
    }
    EXPECT_GT(made, 2000);
    EXPECT_LT(made, 3900);
}

TEST_F(provider, a_request_of_an_unknown_kind_is_left_to_openssl) {
    struct change {
        const char* what;
        void (*make)(params&);
    };
    for (const auto& c : {
             change{"mode as text",
                    [](params& p) {
                        p.all().erase(p.all().begin());
                        p.text(OSSL_KDF_PARAM_MODE, "EXPAND_ONLY");
                    }},
             change{"mode of 64 bits",
                    [](params& p) {
                        static std::int64_t wide = expand_only;
                        p.all()[0] = OSSL_PARAM_construct_int64(OSSL_KDF_PARAM_MODE, &wide);
                    }},
             change{"no mode", [](params& p) { p.all().erase(p.all().begin()); }},
             change{"both steps",
                    [](params& p) {
                        p.mode(EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND);
                        std::swap(p.all().front(), p.all().back());
                        p.all().pop_back();
                    }},
             change{"mode 7",
                    [](params& p) {
                        p.mode(7);
                        std::swap(p.all().front(), p.all().back());
                        p.all().pop_back();
                    }},
             change{"SHA-512",
                    [](params& p) {
                        p.digest("SHA2-512");
                        std::swap(p.all()[1], p.all().back());
                        p.all().pop_back();
                    }},
             change{"SHA-1",
                    [](params& p) {
                        p.digest("SHA1");
                        std::swap(p.all()[1], p.all().back());
                        p.all().pop_back();
                    }},
             change{"lower case",
                    [](params& p) {
                        p.digest("sha256");
                        std::swap(p.all()[1], p.all().back());
                        p.all().pop_back();
                    }},
             change{"an unknown digest",
                    [](params& p) {
                        p.digest("SHA2-257");
                        std::swap(p.all()[1], p.all().back());
                        p.all().pop_back();
                    }},
             change{"no digest", [](params& p) { p.all().erase(p.all().begin() + 1); }},
             change{"no key", [](params& p) { p.all().erase(p.all().begin() + 2); }},
             change{"no label", [](params& p) { p.all().pop_back(); }},
             change{"two labels", [](params& p) { p.put(OSSL_KDF_PARAM_LABEL, "iv"); }},
             change{"an empty key", [](params& p) { p.all()[2].data_size = 0; }},
             change{"a key without data", [](params& p) { p.all()[2].data = nullptr; }},
             change{"a key as text", [](params& p) { p.all()[2].data_type = OSSL_PARAM_UTF8_STRING; }},
             change{"an empty label", [](params& p) { p.all().back().data_size = 0; }},
             change{"empty data",
                    [](params& p) {
                        p.put(OSSL_KDF_PARAM_DATA, "x");
                        p.all().back().data_size = 0;
                    }},
             change{"properties", [](params& p) { p.text(OSSL_KDF_PARAM_PROPERTIES, "provider=default"); }},
             change{"properties that nothing has", [](params& p) { p.text(OSSL_KDF_PARAM_PROPERTIES, "a=b"); }},
             change{"info", [](params& p) { p.put(OSSL_KDF_PARAM_INFO, "x"); }},
         }) {
        auto p = expansion();
        c.make(p);
        EXPECT_FALSE(read_key_request(p.list())) << c.what;
        SCOPED_TRACE(c.what);
        static_cast<void>(both(p, 16));
    }
    params none;
    static_cast<void>(both(none, 16));
}

TEST_F(provider, parameters_set_beforehand_are_left_to_openssl) {
    for (auto make : {+[] { return expansion(); }, +[] { return extraction(true); }}) {
        auto p = make();
        const auto in_one = both(p, 32);
        ASSERT_TRUE(in_one);
        const auto context = fresh(ours);
        ASSERT_EQ(EVP_KDF_CTX_set_params(context.get(), p.list()), 1);
        EXPECT_EQ(derive(context.get(), 32, nullptr), in_one);
        EXPECT_EQ(derive(context.get(), 32, nullptr), in_one);
        EXPECT_EQ(EVP_KDF_CTX_set_params(context.get(), nullptr), 1);
    }
}

TEST_F(provider, a_context_serves_again_for_requests_that_stand_alone) {
    const auto context = fresh(ours);
    for (int i = 0; i < 3; ++i) {
        auto p = expansion(octets(32, static_cast<std::uint8_t>(i + 1)));
        EXPECT_EQ(derive(context.get(), 16, p.list()), both(p, 16));
    }
    auto salted = extraction(true);
    EXPECT_EQ(derive(context.get(), 32, salted.list()), both(salted, 32));
}

// OpenSSL would use the salt of before.
TEST_F(provider, what_needs_the_memory_of_an_earlier_request_is_refused_until_a_reset) {
    const auto context = fresh(ours);
    ASSERT_TRUE(derive(context.get(), 32, extraction(true).list()));
    auto unsalted = extraction(false);
    EXPECT_FALSE(derive(context.get(), 32, unsalted.list()));
    EXPECT_FALSE(derive(context.get(), 32, nullptr));
    EXPECT_EQ(EVP_KDF_CTX_set_params(context.get(), unsalted.list()), 0);
    EVP_KDF_CTX_reset(context.get());
    EXPECT_EQ(derive(context.get(), 32, unsalted.list()), both(unsalted, 32));
    EVP_KDF_CTX_reset(context.get());
    EXPECT_EQ(EVP_KDF_CTX_set_params(context.get(), unsalted.list()), 1);
    EVP_KDF_CTX_reset(context.get());
    EXPECT_FALSE(derive(context.get(), 32, nullptr));
}

TEST_F(provider, the_size_of_the_output_is_told_as_by_openssl) {
    for (const int mode : {extract_only, expand_only}) {
        params p;
        p.mode(mode).digest("SHA2-384");
        const auto size = [&](const kdf_ptr& of) {
            const auto context = fresh(of);
            EXPECT_EQ(EVP_KDF_CTX_set_params(context.get(), p.list()), 1);
            return EVP_KDF_CTX_get_kdf_size(context.get());
        };
        EXPECT_EQ(size(ours), size(openssl));
    }
    EXPECT_EQ(EVP_KDF_CTX_get_kdf_size(fresh(ours).get()), EVP_KDF_CTX_get_kdf_size(fresh(openssl).get()));
}

TEST_F(provider, its_context_holds_nothing_of_the_request) {
    const octets key(32, 0x5d);
    auto p = expansion(key);
    const auto context = fresh(ours);
    ASSERT_TRUE(derive(context.get(), 16, p.list()));
    // With another key in the same memory the answer is another: nothing was kept.
    auto other = expansion(octets(32, 0x5e));
    EXPECT_EQ(derive(context.get(), 16, other.list()), both(other, 16));
}
