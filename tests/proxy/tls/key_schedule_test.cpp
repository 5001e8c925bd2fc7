// The derivations of RFC 8448, and the same as HKDF of OpenSSL over random inputs.
#include "proxy/tls/key_schedule.hpp"

#include "hex.hpp"
#include "own_stack.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>

using namespace postern::tls::key_schedule;
using postern::tls::testing::hex;
using postern::tls::testing::left_on_the_stack;
using octets = std::vector<std::uint8_t>;

namespace {

bytes of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

label tls13(std::string_view name) { return {of("tls13 "), of(name)}; }

octets expanded(hash h, bytes secret, const label& l, bytes context, std::size_t length) {
    octets out(length);
    EXPECT_TRUE(expand_label(h, secret, l, context, out));
    return out;
}

octets extracted(hash h, bytes salt, bytes input) {
    octets out(size_of(h));
    EXPECT_TRUE(extract(h, salt, input, out));
    return out;
}

octets next(hash h, bytes previous, bytes input) {
    octets out(size_of(h));
    EXPECT_TRUE(next_secret(h, previous, tls13("derived"), input, out));
    return out;
}

constexpr auto early = "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a";
constexpr auto exchanged = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d";
constexpr auto handshake = "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac";
constexpr auto master = "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919";
constexpr auto hash_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto hash_to_server_hello = "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8";
constexpr auto hash_to_server_finished = "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13";
constexpr auto hash_to_client_finished = "209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d";
constexpr auto client_handshake = "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21";
constexpr auto server_handshake = "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38";
constexpr auto client_traffic = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
constexpr auto server_traffic = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";
constexpr auto resumption = "7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c";
constexpr auto psk = "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3";
constexpr auto resumed_early = "9b2188e9b2fc6d64d71dc329900e20bb41915000f678aa839cbb797cb7d8332c";
constexpr auto binder = "69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256";

struct derived_key {
    const char* secret;
    const char* label;
    const char* context;
    const char* key;
};

// HKDF-Extract as OpenSSL computes it, or HKDF-Expand of an `info` that is put together here.
octets openssl(hash h, int mode, bytes key, bytes other, std::size_t length) {
    const auto pointer = [](bytes b) { return const_cast<std::uint8_t*>(b.data()); };
    char digest[] = "SHA256";
    if (h == hash::sha384) std::copy_n("SHA384", 6, digest);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                                 OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, pointer(key), key.size()),
                                 OSSL_PARAM_construct_octet_string(
                                     mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY ? OSSL_KDF_PARAM_SALT : OSSL_KDF_PARAM_INFO,
                                     pointer(other), other.size()),
                                 OSSL_PARAM_construct_end()};
    EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
    octets out(length);
    EXPECT_EQ(EVP_KDF_derive(context, out.data(), out.size(), params), 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return out;
}

octets info(std::size_t length, const label& l, bytes context) {
    octets all{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length),
               static_cast<std::uint8_t>(l.prefix.size() + l.name.size())};
    all.insert(all.end(), l.prefix.begin(), l.prefix.end());
    all.insert(all.end(), l.name.begin(), l.name.end());
    all.push_back(static_cast<std::uint8_t>(context.size()));
    all.insert(all.end(), context.begin(), context.end());
    return all;
}

class chance {
public:
    std::size_t up_to(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(generator_); }
    octets some(std::size_t length) {
        octets made(length);
        for (auto& b : made) b = static_cast<std::uint8_t>(generator_());
        return made;
    }

private:
    std::mt19937 generator_{8446};
};

constexpr hash both[] = {hash::sha256, hash::sha384};

}  // namespace

TEST(key_schedule, its_secrets_are_those_of_rfc_8448) {
    const octets zeros(32);
    EXPECT_EQ(extracted(hash::sha256, {}, zeros), hex(early));
    EXPECT_EQ(extracted(hash::sha256, zeros, zeros), hex(early));
    EXPECT_EQ(next(hash::sha256, hex(early), hex(exchanged)), hex(handshake));
    EXPECT_EQ(next(hash::sha256, hex(handshake), zeros), hex(master));
    // Section 4, a resumption; section 5, a HelloRetryRequest to P-256.
    EXPECT_EQ(extracted(hash::sha256, {}, hex(psk)), hex(resumed_early));
    EXPECT_EQ(next(hash::sha256, hex(early), hex("c142ce13ca11b5c2233652e63ad3d97844f1621fbfb9de69d547dc8fedeabeb4")),
              hex("ce022e5e6e81e50736d773f2d3adfce8220d049bf510f0dbfac927ef4243b148"));
}

TEST(key_schedule, its_keys_are_those_of_rfc_8448) {
    for (const auto& k : {
             derived_key{early, "derived", hash_of_nothing,
                         "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"},
             derived_key{handshake, "derived", hash_of_nothing,
                         "43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4"},
             derived_key{handshake, "c hs traffic", hash_to_server_hello, client_handshake},
             derived_key{handshake, "s hs traffic", hash_to_server_hello, server_handshake},
             derived_key{server_handshake, "key", "", "3fce516009c21727d0f2e4e86ee403bc"},
             derived_key{server_handshake, "iv", "", "5d313eb2671276ee13000b30"},
             derived_key{server_handshake, "finished", "",
                         "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8"},
             derived_key{client_handshake, "key", "", "dbfaa693d1762c5b666af5d950258d01"},
             derived_key{client_handshake, "iv", "", "5bd3c71b836e0b76bb73265f"},
             derived_key{client_handshake, "finished", "",
                         "b80ad01015fb2f0bd65ff7d4da5d6bf83f84821d1f87fdc7d3c75b5a7b42d9c4"},
             derived_key{master, "c ap traffic", hash_to_server_finished, client_traffic},
             derived_key{master, "s ap traffic", hash_to_server_finished, server_traffic},
             derived_key{master, "exp master", hash_to_server_finished,
                         "fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50"},
             derived_key{server_traffic, "key", "", "9f02283b6c9c07efc26bb9f2ac92e356"},
             derived_key{server_traffic, "iv", "", "cf782b88dd83549aadf1e984"},
             derived_key{client_traffic, "key", "", "17422dda596ed5d9acd890e3c63f5051"},
             derived_key{client_traffic, "iv", "", "5b78923dee08579033e523d9"},
             derived_key{master, "res master", hash_to_client_finished, resumption},
             derived_key{resumption, "resumption", "0000", psk},
             derived_key{resumed_early, "res binder", hash_of_nothing, binder},
             derived_key{binder, "finished", "", "5588673e72cb59c87d220caffe94f2dea9a3b1609f7d50e90a48227db9ed7eaa"},
         }) {
        const auto wanted = hex(k.key);
        EXPECT_EQ(expanded(hash::sha256, hex(k.secret), tls13(k.label), hex(k.context), wanted.size()), wanted)
            << k.label;
    }
}

TEST(key_schedule, it_extracts_as_openssl_does) {
    chance any;
    for (int i = 0; i < 500; ++i)
        for (const auto h : both) {
            const auto salt = any.some(1 + any.up_to(block_of(h) - 1));
            const auto input = any.some(1 + any.up_to(300));
            ASSERT_EQ(extracted(h, salt, input), openssl(h, EVP_KDF_HKDF_MODE_EXTRACT_ONLY, input, salt, size_of(h)));
        }
}

TEST(key_schedule, it_expands_as_openssl_does) {
    chance any;
    for (int i = 0; i < 500; ++i)
        for (const auto h : both) {
            const auto secret = any.some(1 + any.up_to(block_of(h) - 1));
            const auto prefix = any.some(any.up_to(10));
            const auto name = any.some(any.up_to(245));
            const auto context = any.some(any.up_to(255));
            const auto length = 1 + any.up_to(size_of(h) - 1);
            const label l{prefix, name};
            ASSERT_EQ(expanded(h, secret, l, context, length),
                      openssl(h, EVP_KDF_HKDF_MODE_EXPAND_ONLY, secret, info(length, l, context), length));
        }
}

TEST(key_schedule, the_next_secret_is_two_steps_in_one) {
    chance any;
    for (const auto h : both) {
        const auto previous = any.some(size_of(h));
        const auto input = any.some(32);
        const auto nothing = hex(h == hash::sha256 ? hash_of_nothing
                                                   : "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
                                                     "4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b");
        EXPECT_EQ(next(h, previous, input),
                  extracted(h, expanded(h, previous, tls13("derived"), nothing, size_of(h)), input));
    }
}

TEST(key_schedule, what_it_cannot_do_it_refuses_and_writes_nothing) {
    const octets long_text(300, 'x');
    const auto part = [&](std::size_t n) { return bytes(long_text).first(n); };
    for (const auto h : both) {
        const auto block = block_of(h);
        const auto size = size_of(h);
        octets room(size + 1, 0xaa);
        const auto out = [&](std::size_t n) { return std::span(room).first(n); };
        EXPECT_FALSE(extract(h, part(block + 1), part(1), out(size)));
        EXPECT_FALSE(extract(h, part(1), part(1), out(size + 1)));
        EXPECT_FALSE(extract(h, part(1), part(1), out(size - 1)));
        EXPECT_FALSE(expand_label(h, part(block + 1), tls13("key"), {}, out(size)));
        EXPECT_FALSE(expand_label(h, part(1), {part(6), part(250)}, {}, out(size)));
        EXPECT_FALSE(expand_label(h, part(1), {part(300), part(1)}, {}, out(size)));
        EXPECT_FALSE(expand_label(h, part(1), tls13("key"), part(256), out(size)));
        EXPECT_FALSE(expand_label(h, part(1), tls13("key"), {}, out(size + 1)));
        EXPECT_FALSE(expand_label(h, part(1), tls13("key"), {}, out(0)));
        EXPECT_FALSE(next_secret(h, part(block + 1), tls13("derived"), part(1), out(size)));
        EXPECT_FALSE(next_secret(h, part(1), {part(6), part(250)}, part(1), out(size)));
        EXPECT_FALSE(next_secret(h, part(1), tls13("derived"), part(1), out(size - 1)));
        EXPECT_EQ(room, octets(size + 1, 0xaa));
    }
}

TEST(key_schedule, the_output_may_lie_over_the_input) {
    for (const auto h : both) {
        chance any;
        const auto secret = any.some(size_of(h));
        auto in_place = secret;
        EXPECT_TRUE(expand_label(h, in_place, tls13("traffic upd"), {}, in_place));
        EXPECT_EQ(in_place, expanded(h, secret, tls13("traffic upd"), {}, size_of(h)));
        in_place = secret;
        EXPECT_TRUE(next_secret(h, in_place, tls13("derived"), in_place, in_place));
        EXPECT_EQ(in_place, next(h, secret, secret));
    }
}

TEST(key_schedule, it_leaves_no_secret_on_the_stack) {
    for (const auto h : both) {
        chance any;
        const auto secret = any.some(size_of(h));
        octets made(size_of(h));
        octets padded = secret;
        for (auto& b : padded) b ^= 0x36;
        octets outer = secret;
        for (auto& b : outer) b ^= 0x5c;
        const std::vector<bytes> looked_for{secret, padded, outer, made};
        EXPECT_TRUE(left_on_the_stack([&] { EXPECT_TRUE(expand_label(h, secret, tls13("key"), {}, made)); }, looked_for)
                        .empty());
        EXPECT_TRUE(
            left_on_the_stack([&] { EXPECT_TRUE(next_secret(h, secret, tls13("derived"), secret, made)); }, looked_for)
                .empty());
    }
}

// AddressSanitizer would keep the copy on a stack of its own (detect_stack_use_after_return), where nobody looks.
[[gnu::no_sanitize("address"), gnu::noinline]] void leave_a_copy(const std::uint8_t* secret) {
    volatile std::uint8_t copy[32];
    for (std::size_t i = 0; i < sizeof copy; ++i) copy[i] = secret[i];
}

TEST(key_schedule, a_secret_that_is_left_would_be_found) {
    chance any;
    const auto secret = any.some(32);
    EXPECT_EQ(left_on_the_stack([&] { leave_a_copy(secret.data()); }, {secret}), std::vector<std::size_t>{0});
}
