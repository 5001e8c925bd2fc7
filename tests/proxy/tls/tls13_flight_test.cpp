// The messages of a server's flight, byte by byte, and the secrets of RFC 8448's first handshake.
#include "hex.hpp"

#include "proxy/tls/tls13_flight.hpp"
#include "proxy/tls/tls13_keys.hpp"

#include <gtest/gtest.h>

#include <numeric>

using namespace postern::tls;
using postern::tls::testing::hex;

namespace {

using bytes = std::vector<std::uint8_t>;

bytes filled(std::size_t size, std::uint8_t with) { return bytes(size, with); }

}  // namespace

TEST(tls13_flight, a_server_hello_has_the_three_extensions_of_a_resumption_and_two_without) {
    const auto random = filled(32, 0xaa);
    const auto share = filled(32, 0xbb);
    const bytes id{1, 2, 3};
    for (const bool resumes : {false, true}) {
        bytes out{0xff};
        add_server_hello(out, {random, id, 0x1301, share, resumes});
        bytes expected{0xff, 2, 0, 0, static_cast<std::uint8_t>(2 + 32 + 4 + 3 + 2 + 46 + (resumes ? 6 : 0)), 3, 3};
        expected.insert(expected.end(), random.begin(), random.end());
        for (const int b :
             {3, 1, 2, 3, 0x13, 1, 0, 0, 46 + (resumes ? 6 : 0), 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32})
            expected.push_back(static_cast<std::uint8_t>(b));
        expected.insert(expected.end(), share.begin(), share.end());
        if (resumes) expected.insert(expected.end(), {0, 41, 0, 2, 0, 0});
        EXPECT_EQ(out, expected);
    }
}

TEST(tls13_flight, encrypted_extensions_name_the_protocol_or_nothing) {
    bytes out;
    add_encrypted_extensions(out, "");
    EXPECT_EQ(out, (bytes{8, 0, 0, 2, 0, 0}));
    out.clear();
    add_encrypted_extensions(out, "h2");
    EXPECT_EQ(out, (bytes{8, 0, 0, 11, 0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '2'}));
}

TEST(tls13_flight, a_certificate_message_has_each_certificate_with_its_length_and_no_extensions) {
    bytes out;
    add_certificate(out, std::vector<bytes>{{1, 2, 3}, {4}});
    EXPECT_EQ(out, (bytes{11, 0, 0, 18, 0, 0, 0, 14, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 1, 4, 0, 0}));
}

TEST(tls13_flight, a_staple_stands_behind_the_leaf_alone) {
    bytes plain;
    add_certificate(plain, std::vector<bytes>{{1, 2, 3}, {4}});
    bytes out{0xff};
    add_stapled_certificate(out, plain, bytes{8, 9});
    EXPECT_EQ(out, (bytes{0xff, 11, 0, 0, 28, 0, 0, 0, 24, 0, 0, 3, 1, 2, 3, 0, 10,
                          0,    5,  0, 6, 1,  0, 0, 2, 8,  9, 0, 0, 1, 4, 0, 0}));
}

TEST(tls13_flight, what_is_signed_begins_with_spaces_and_the_servers_words) {
    const auto hash = filled(48, 7);
    const content_to_sign content(hash);
    const std::span<const std::uint8_t> whole = content;
    const std::string text(whole.begin(), whole.end());
    EXPECT_EQ(text, std::string(64, ' ') + "TLS 1.3, server CertificateVerify" + '\0' + std::string(48, 7));
}

namespace {

transcript_hash hash_of(std::string_view digits) {
    transcript_hash made;
    const auto value = hex(digits);
    made.size = value.size();
    std::ranges::copy(value, made.value.begin());
    return made;
}

bytes copied(key_schedule::bytes from) { return {from.begin(), from.end()}; }

}  // namespace

// Section 3, "Simple 1-RTT Handshake".
TEST(tls13_keys, are_those_of_rfc_8448) {
    tls13_keys keys(key_schedule::hash::sha256);
    ASSERT_TRUE(keys.begin({}));
    ASSERT_TRUE(keys.add_exchange(hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"),
                                  hash_of("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8")));
    EXPECT_EQ(copied(keys.client_handshake()), hex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"));
    EXPECT_EQ(copied(keys.server_handshake()), hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
    ASSERT_TRUE(keys.add_flight(hash_of("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13")));
    EXPECT_EQ(copied(keys.client()), hex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"));
    EXPECT_EQ(copied(keys.server()), hex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"));
    // The transcript up to the client's Finished proves itself: its verify_data is in the trace.
    bytes proof(32);
    ASSERT_TRUE(
        keys.verify_data(false, hash_of("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"), proof));
    EXPECT_EQ(proof, hex("a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61"));
    ASSERT_TRUE(keys.end(hash_of("209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d")));
    EXPECT_EQ(copied(keys.resumption()), hex("7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c"));
}

// Section 4, "Resumed 0-RTT Handshake": the binder of its hello.
TEST(tls13_keys, a_binder_is_that_of_rfc_8448) {
    tls13_keys keys(key_schedule::hash::sha256);
    ASSERT_TRUE(keys.begin(hex("4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3")));
    bytes proof(32);
    ASSERT_TRUE(keys.binder(hash_of("63224b2e4573f2d3454ca84b9d009a04f6be9e05711a8396473aefa01e924a14"), proof));
    EXPECT_EQ(proof, hex("3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d"));
}
