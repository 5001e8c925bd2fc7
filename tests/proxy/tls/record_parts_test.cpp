// What record_layer is made of: keys, secrets, and the counting of records.
#include "hex.hpp"
#include "record_pair.hpp"

#include "proxy/tls/record_count.hpp"

#include <gtest/gtest.h>

using namespace postern::tls;
using postern::tls::testing::hex;
using postern::tls::testing::joined;
using postern::tls::testing::octets;
using postern::tls::testing::tell;

TEST(record_key, makes_the_record_of_rfc_8448) {
    const auto secret = hex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    const auto record =
        hex("1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62"
            "974e1f5a6292a2977014bd1e3deae63aeebb21694915e4");
    octets content_of_it(50);
    for (std::size_t i = 0; i < content_of_it.size(); ++i) content_of_it[i] = static_cast<std::uint8_t>(i);
    record_key seal(record_key::use::seal, *find_suite(0x1301), nullptr, secret, 0);
    octets made(content_of_it.size() + record_overhead);
    ASSERT_TRUE(seal.seal(content::application_data, content_of_it, made.data()));
    EXPECT_EQ(made, record);
    record_key open(record_key::use::open, *find_suite(0x1301), nullptr, secret, 0);
    octets plain(made.size());
    const auto opened = open.open(made, plain.data());
    ASSERT_TRUE(opened.has_value());
    plain.resize(opened->size);
    EXPECT_EQ(plain, content_of_it);
}

TEST(record_key, there_are_suites_of_tls_1_3_only) {
    EXPECT_EQ(find_suite(0x1304), nullptr);
    EXPECT_EQ(find_suite(0xc02b), nullptr);
}

TEST(record_count, tells_the_payload_of_the_last_one) {
    record_count c;
    c.add(octets{23, 3, 3, 1, 2});
    EXPECT_EQ(c.last_payload(), 258U);
    EXPECT_FALSE(c.whole());
}

TEST(record_count, counts_records_however_they_are_cut) {
    const auto all = joined({{23, 3, 3, 0, 2, 9, 9}, {23, 3, 3, 1, 0}, octets(256, 7), {23, 3, 3, 0, 0}});
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        record_count c;
        c.add(std::span(all).first(cut));
        EXPECT_EQ(c.whole(), cut == 0 || cut == 7 || cut == 7 + 5 + 256 || cut == all.size()) << cut;
        c.add(std::span(all).subspan(cut));
        EXPECT_EQ(c.count(), 3U);
        EXPECT_TRUE(c.whole());
        EXPECT_EQ(c.last_payload(), 0U);
    }
}

TEST(traffic_secrets, are_complete_when_there_are_three_and_of_others_nothing_is_kept) {
    traffic_secrets s;
    tell(s, "c hs traffic", octets(32, 9));
    tell(s, "s ap traffic", octets(32, 2));
    EXPECT_TRUE(s.has_server());
    tell(s, "c ap traffic", octets(32, 1));
    EXPECT_FALSE(s.complete());
    tell(s, "res master", octets(32, 3));
    tell(s, "exp master", octets(32, 9));
    EXPECT_TRUE(s.complete());
    EXPECT_EQ(octets(s.client().begin(), s.client().end()), octets(32, 1));
    EXPECT_EQ(octets(s.server().begin(), s.server().end()), octets(32, 2));
    EXPECT_EQ(octets(s.resumption().begin(), s.resumption().end()), octets(32, 3));
}
