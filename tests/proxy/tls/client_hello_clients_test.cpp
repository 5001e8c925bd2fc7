// What real clients sent means what they meant, however it is cut; and the lists inside, opened.
#include "proxy/tls/client_hello.hpp"

#include "tests/proxy/tls/hello_builder.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

namespace postern::tls {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::uint8_t tls_1_2 = 0b0100;
constexpr std::uint8_t tls_1_3 = 0b1000;

// A file of the corpus: what one client sent.
octets sent_by(const std::string& client) {
    std::ifstream in(HELLOS + client, std::ios::binary);
    octets all{std::istreambuf_iterator<char>(in), {}};
    EXPECT_FALSE(all.empty()) << client;
    return all;
}

// Points into `received`.
client_hello hello_of(const octets& received) {
    auto result = read_client_hello(received);
    EXPECT_EQ(result.status, hello_status::complete);
    EXPECT_EQ(result.joined, nullptr) << "the hello would point into freed memory";
    return std::move(result.hello);
}

std::string everything_in(const client_hello& h) {
    std::string all = h.server_name;
    for (const auto list : {h.ciphers, h.groups, h.signature_algorithms, h.alpn, h.key_shares, h.ticket})
        all.append(list.begin(), list.end()) += '|';
    return all + std::to_string(h.versions) + (h.offers_resumption ? "r" : "") + (h.sni_present ? "s" : "");
}

TEST(client_hello, of_openssl_is_understood) {
    const octets sent = sent_by("openssl_tls13");
    const client_hello h = hello_of(sent);
    EXPECT_EQ(h.server_name, "www.example.com");
    EXPECT_EQ(h.versions & (tls_1_2 | tls_1_3), tls_1_2 | tls_1_3);
    EXPECT_FALSE(h.offers_resumption);
    EXPECT_THAT(names(h.alpn), ElementsAre("h2", "http/1.1"));
    EXPECT_THAT(numbers(h.ciphers), Contains(0x1301));
    EXPECT_THAT(numbers(h.groups), Contains(0x001d));
    EXPECT_THAT(numbers(h.signature_algorithms), Contains(0x0403));
    EXPECT_THAT(key_share_groups(h.key_shares), ElementsAre(0x001d));
}

TEST(client_hello, of_openssl_without_tls_1_3_is_understood) {
    const octets sent = sent_by("openssl_tls12");
    const client_hello h = hello_of(sent);
    EXPECT_EQ(h.server_name, "www.example.com") << "it was given in capitals, with a dot behind it";
    EXPECT_EQ(h.versions & (tls_1_2 | tls_1_3), tls_1_2);
    EXPECT_THAT(h.key_shares, IsEmpty());
}

TEST(client_hello, of_gnutls_is_understood) {
    const octets sent = sent_by("gnutls_tls13");
    const client_hello h = hello_of(sent);
    EXPECT_EQ(h.versions & (tls_1_2 | tls_1_3), tls_1_2 | tls_1_3);
    EXPECT_THAT(names(h.alpn), ElementsAre("h2"));
    EXPECT_THAT(key_share_groups(h.key_shares), Contains(0x001d));
}

TEST(client_hello, shows_the_ticket_that_a_real_client_brings) {
    for (const char* client : {"openssl_resumption_tls13", "openssl_ticket_tls12"}) {
        const octets sent = sent_by(client);
        EXPECT_THAT(hello_of(sent).ticket, Not(IsEmpty())) << client;
    }
    const octets by_id = sent_by("openssl_session_id_tls12");
    EXPECT_THAT(hello_of(by_id).ticket, IsEmpty());
}

TEST(client_hello, shows_the_first_pre_shared_key_as_its_ticket) {
    const octets sent = with(extension(35, text("another")) + pre_shared_key(text("the ticket")));
    const client_hello h = hello_of(sent);
    EXPECT_EQ(octets(h.ticket.begin(), h.ticket.end()), text("the ticket"));
}

TEST(client_hello, offers_what_the_legacy_version_says_where_no_versions_are_listed) {
    EXPECT_EQ(hello_of(record(message({.version = 0x0300}))).versions, 0);
    EXPECT_EQ(hello_of(record(message({.version = 0x0303}))).versions, 0b0111);
    EXPECT_EQ(hello_of(record(message({.version = 0x0304}))).versions, 0b0111);
}

TEST(client_hello, offers_what_it_lists_whatever_the_legacy_version_says) {
    EXPECT_EQ(hello_of(with(extension(43, sized(pairs({0x7f1c, 0x0304, 0x0302}), 1)))).versions, 0b1010);
}

TEST(client_hello, may_have_no_key_share) {
    EXPECT_THAT(hello_of(with(extension(51, sized({}, 2)))).key_shares, IsEmpty());
}

TEST(client_hello, shows_groups_of_key_shares_without_grease) {
    const octets shares = number(0x2a2a, 2) + sized({0}, 2) + number(0x001d, 2) + sized(octets(32), 2);
    const octets sent = with(extension(51, sized(shares, 2)));
    EXPECT_THAT(key_share_groups(hello_of(sent).key_shares), ElementsAre(0x001d));
}

TEST(client_hello, may_be_followed_by_early_data) {
    const octets early_data = octets{23, 3, 3} + sized(octets(40), 2);
    EXPECT_EQ(hello_of(with(server_name("a.example")) + early_data).server_name, "a.example");
}

TEST(client_hello, of_several_records_of_a_real_client_is_joined) {
    const octets sent = sent_by("openssl_small_records");
    const auto read = read_client_hello(sent);
    ASSERT_EQ(read.status, hello_status::complete);
    EXPECT_NE(read.joined, nullptr);
    EXPECT_EQ(read.hello.server_name, "www.example.com");
    EXPECT_THAT(names(read.hello.alpn), SizeIs(60));
}

TEST(client_hello, of_nearly_64_kib_is_read) {
    const octets sent =
        records(message({.extensions = extension(21, octets(65'000)) + server_name("big.example")}), 16'384);
    ASSERT_LE(sent.size(), largest_hello);
    EXPECT_EQ(read_client_hello(sent).hello.server_name, "big.example");
    EXPECT_EQ(read_client_hello(std::span(sent).first(sent.size() - 1)).status, hello_status::need_more);
}

class real_hellos : public testing::TestWithParam<const char*> {};

TEST_P(real_hellos, mean_the_same_in_two_records_cut_anywhere) {
    const octets sent = sent_by(GetParam());
    const octets whole(sent.begin() + 5, sent.end());
    const auto expected = everything_in(hello_of(sent));
    for (std::size_t at = 1; at < whole.size(); ++at) {
        const auto middle = whole.begin() + static_cast<std::ptrdiff_t>(at);
        const octets cut = record({whole.begin(), middle}) + record({middle, whole.end()});
        const auto read = read_client_hello(cut);
        ASSERT_EQ(read.status, hello_status::complete) << at;
        ASSERT_EQ(everything_in(read.hello), expected) << at;
        ASSERT_EQ(read_client_hello(std::span(cut).first(cut.size() - 1)).status, hello_status::need_more) << at;
    }
}

TEST_P(real_hellos, mean_the_same_in_records_of_any_size) {
    const octets sent = sent_by(GetParam());
    const octets whole(sent.begin() + 5, sent.end());
    const auto expected = everything_in(hello_of(sent));
    for (const std::size_t size : {1, 2, 3, 4, 5, 64, 100}) {
        const auto cut = records(whole, size);
        const auto read = read_client_hello(cut);
        ASSERT_EQ(read.status, hello_status::complete) << size;
        EXPECT_EQ(everything_in(read.hello), expected) << size;
    }
}

INSTANTIATE_TEST_SUITE_P(client_hello, real_hellos,
                         testing::Values("openssl_tls13", "openssl_tls12", "openssl_no_name", "openssl_ticket_tls12",
                                         "openssl_session_id_tls12", "openssl_resumption_tls13", "gnutls_tls13",
                                         "gnutls_tls12", "curl_h2", "python_ip_literal", "grease"),
                         [](const auto& client) { return std::string(client.param); });

}  // namespace
}  // namespace postern::tls
