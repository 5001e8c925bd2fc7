// What a ClientHello says, however it is cut; refusals are in client_hello_refusals_test.cpp.
#include "proxy/tls/client_hello.hpp"

#include "hello_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

using namespace postern;
using namespace postern::tls;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

namespace {

octets sample() {
    return message({.extensions = server_name("www.example.org") +
                                  extension(16, sized(sized(text("h2"), 1) + sized(text("http/1.1"), 1), 2)) +
                                  extension(43, sized(pairs({0x0304, 0x0303}), 1)) +
                                  extension(10, sized(pairs({0x001d, 0x0017}), 2))});
}

octets sent_by(const char* real_client) {
    std::ifstream in(std::string(HELLOS) + real_client, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::span<const std::uint8_t> front(const octets& all, std::size_t n) { return std::span(all).first(n); }

}  // namespace

TEST(client_hello, says_what_it_offers) {
    const auto bytes = record(sample());
    const auto r = read_client_hello(bytes);
    ASSERT_EQ(r.status, hello_status::complete);
    EXPECT_EQ(r.hello.server_name, "www.example.org");
    EXPECT_TRUE(r.hello.sni_present);
    EXPECT_THAT(names(r.hello.alpn), ElementsAre("h2", "http/1.1"));
    EXPECT_THAT(numbers(r.hello.groups), ElementsAre(0x001d, 0x0017));
    EXPECT_THAT(numbers(r.hello.ciphers), ElementsAre(0x1301, 0xc02b));
    EXPECT_EQ(r.hello.versions, 0b1100);
    EXPECT_FALSE(r.hello.offers_resumption);
}

TEST(client_hello, every_proper_prefix_needs_more) {
    const auto whole = records(sample(), 50);
    for (std::size_t n = 0; n < whole.size(); ++n)
        EXPECT_EQ(read_client_hello(front(whole, n)).status, hello_status::need_more) << n;
    EXPECT_EQ(read_client_hello(whole).status, hello_status::complete);
}

TEST(client_hello, may_be_cut_into_two_records_anywhere) {
    const auto whole = sample();
    for (std::size_t at = 1; at < whole.size(); ++at) {
        const auto middle = whole.begin() + static_cast<std::ptrdiff_t>(at);
        const auto bytes = record({whole.begin(), middle}) + record({middle, whole.end()});
        const auto r = read_client_hello(bytes);
        ASSERT_EQ(r.status, hello_status::complete) << at;
        EXPECT_EQ(r.hello.server_name, "www.example.org");
        EXPECT_THAT(names(r.hello.alpn), ElementsAre("h2", "http/1.1"));
    }
}

TEST(client_hello, may_come_in_records_of_a_byte_each) {
    EXPECT_EQ(read_client_hello(records(sample(), 1)).status, hello_status::complete);
}

TEST(client_hello, in_one_record_is_not_copied) { EXPECT_EQ(read_client_hello(record(sample())).joined, nullptr); }

TEST(client_hello, of_real_clients_is_read_and_every_prefix_of_it_needs_more) {
    for (const char* client :
         {"openssl_tls12", "openssl_tls13", "openssl_small_records", "gnutls_tls12", "gnutls_tls13", "curl_h2"}) {
        const auto bytes = sent_by(client);
        ASSERT_THAT(bytes, Not(IsEmpty())) << client;
        const auto r = read_client_hello(bytes);
        ASSERT_EQ(r.status, hello_status::complete) << client;
        EXPECT_THAT(r.hello.server_name, Not(IsEmpty())) << client;
        EXPECT_THAT(numbers(r.hello.groups), Not(IsEmpty())) << client;
        for (std::size_t n = 0; n < bytes.size(); ++n)
            ASSERT_EQ(read_client_hello(front(bytes, n)).status, hello_status::need_more) << client << " " << n;
    }
}

TEST(client_hello, of_real_clients_that_come_again_offers_resumption) {
    for (const char* client : {"openssl_resumption_tls13", "openssl_session_id_tls12", "openssl_ticket_tls12"}) {
        const auto bytes = sent_by(client);
        const auto r = read_client_hello(bytes);
        ASSERT_EQ(r.status, hello_status::complete) << client;
        EXPECT_TRUE(r.hello.offers_resumption) << client;
    }
}

TEST(client_hello, without_a_name_or_with_an_address_has_none_and_tells_which) {
    const auto without = sent_by("openssl_no_name");
    EXPECT_EQ(read_client_hello(without).hello.server_name, "");
    EXPECT_FALSE(read_client_hello(without).hello.sni_present);
    const auto address = with(server_name("127.0.0.1"));
    EXPECT_EQ(read_client_hello(address).hello.server_name, "");
    EXPECT_TRUE(read_client_hello(address).hello.sni_present);
}

TEST(client_hello, without_an_extension_block_is_one_too) {
    const auto bytes = record(message({.version = 0x0301, .without_extensions = true}));
    const auto r = read_client_hello(bytes);
    EXPECT_EQ(r.status, hello_status::complete);
    EXPECT_EQ(r.hello.versions, 0b0001);
}

TEST(client_hello, offers_resumption_by_a_pre_shared_key_a_ticket_or_an_old_session_id) {
    const auto offered = [](const octets& b) { return read_client_hello(b).hello.offers_resumption; };
    EXPECT_TRUE(offered(with(extension(43, sized(pairs({0x0304}), 1)) + pre_shared_key(text("ticket")))));
    EXPECT_TRUE(offered(with(extension(35, text("ticket")))));
    EXPECT_FALSE(offered(with(extension(35, {}))));
    EXPECT_TRUE(offered(record(message({.session_id = octets(32, 1)}))));
    // In TLS 1.3 the session id is a disguise.
    EXPECT_FALSE(offered(
        record(message({.session_id = octets(32, 1), .extensions = extension(43, sized(pairs({0x0304}), 1))}))));
}

TEST(client_hello, passes_over_grease) {
    const auto bytes =
        record(message({.ciphers = pairs({0x8a8a, 0x1301}),
                        .extensions = extension(0x1a1a, {}) + extension(43, sized(pairs({0xfafa, 0x0303}), 1)) +
                                      extension(10, sized(pairs({0x2a2a, 0x001d}), 2))}));
    const auto r = read_client_hello(bytes);
    ASSERT_EQ(r.status, hello_status::complete);
    EXPECT_THAT(numbers(r.hello.ciphers), ElementsAre(0x1301));
    EXPECT_THAT(numbers(r.hello.groups), ElementsAre(0x001d));
    EXPECT_EQ(r.hello.versions, 0b0100);
}
