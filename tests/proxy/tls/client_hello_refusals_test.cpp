#include "proxy/tls/client_hello.hpp"

#include "tests/proxy/tls/hello_builder.hpp"

#include <gtest/gtest.h>

namespace postern::tls {
namespace {

// The reason, or nullopt when it is no refusal.
std::optional<reason> refusal(const octets& received) {
    const auto read = read_client_hello(received);
    if (read.status != hello_status::refused) return std::nullopt;
    return read.why;
}

TEST(client_hello, an_http_request_is_plain_http) {
    for (const char* line : {"GET / HTTP/1.1\r\n", "HEAD / H", "POST /a ", "PUT /", "DELETE /x", "OPTIONS *",
                             "CONNECT a:443", "TRACE /", "PATCH /", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
        EXPECT_EQ(refusal(text(line)), reason::plain_http) << line;
    EXPECT_EQ(refusal(text("GET")), std::nullopt);
}

TEST(client_hello, other_first_bytes_are_not_tls) {
    for (const auto& first : {text("SSH-2.0-x\r\n"), text("EHLO a\r\n"), octets{0}, octets{21, 3, 1}, octets{23, 3, 3},
                              octets{22, 2}, octets{22, 254, 253}, octets{0x80, 0x2e, 2}, text("\r\n")})
        EXPECT_EQ(refusal(first), reason::not_tls) << int{first[0]};
}

TEST(client_hello, an_sslv2_hello_is_named_as_such) {
    EXPECT_EQ(refusal({0x80, 0x2e, 0x01, 0x03, 0x01}), reason::sslv2_hello);
    EXPECT_EQ(refusal({0x80, 0x2e, 0x01}), reason::sslv2_hello);
    EXPECT_EQ(refusal({0x80, 0x2e}), std::nullopt);
}

TEST(client_hello, another_handshake_message_is_refused_at_its_first_byte) {
    EXPECT_EQ(refusal({22, 3, 1, 0, 80, 2}), reason::bad_client_hello);
    EXPECT_EQ(refusal(record(message({.type = 16}))), reason::bad_client_hello);
}

TEST(client_hello, an_empty_record_is_refused) {
    EXPECT_EQ(refusal({22, 3, 1, 0, 0}), reason::bad_client_hello);
    const octets whole = message({});
    EXPECT_EQ(refusal(record({whole[0]}) + record({})), reason::bad_client_hello);
}

TEST(client_hello, a_record_over_16_kib_is_refused) {
    EXPECT_EQ(refusal({22, 3, 1, 0x40, 0x01}), reason::bad_client_hello);
    EXPECT_EQ(refusal({22, 3, 1, 0x40, 0x00}), std::nullopt);
}

TEST(client_hello, another_type_of_record_may_not_come_between) {
    const octets whole = message({});
    EXPECT_EQ(refusal(record({whole[0]}) + octets{21}), reason::bad_client_hello);
    EXPECT_EQ(refusal(record({whole[0]}) + octets{22, 2}), reason::bad_client_hello);
}

TEST(client_hello, bytes_behind_it_in_its_record_are_refused_before_they_come) {
    const octets whole = message({});
    const octets sent = record(whole + octets{0});
    EXPECT_EQ(refusal(sent), reason::bad_client_hello);
    EXPECT_EQ(refusal(octets(sent.begin(), sent.end() - 1)), reason::bad_client_hello);
    EXPECT_EQ(refusal(record({whole[0]}) + record(octets(whole.begin() + 1, whole.end()) + octets{0})),
              reason::bad_client_hello);
}

TEST(client_hello, more_than_64_kib_is_refused_as_soon_as_it_is_announced) {
    EXPECT_EQ(refusal(octets{22, 3, 1, 0x40, 0} + number(1, 1) + number(65'536, 3)), reason::hello_too_large);
    EXPECT_EQ(refusal(octets{22, 3, 1, 0x40, 0} + number(1, 1) + number(65'527, 3)), std::nullopt);
    EXPECT_EQ(refusal(octets{22, 3, 1, 0x40, 0} + number(1, 1) + number(65'528, 3)), reason::hello_too_large);
}

TEST(client_hello, no_64_kib_that_were_received_leave_the_question_open) {
    // The message alone would fit; the headers of its records are what is too much.
    const octets whole = message({.extensions = extension(21, octets(65'400))});
    const octets sent = records(whole, 1'000);
    ASSERT_LT(whole.size() + 5, largest_hello);
    ASSERT_GT(sent.size(), largest_hello);
    EXPECT_EQ(refusal(octets(sent.begin(), sent.begin() + largest_hello)), reason::hello_too_large);
    EXPECT_EQ(refusal(sent), reason::hello_too_large);
}

TEST(client_hello, thousands_of_tiny_records_are_too_much) {
    EXPECT_EQ(refusal(records(message({.extensions = extension(21, octets(900))}), 1)), std::nullopt);
    EXPECT_EQ(refusal(records(message({.extensions = extension(21, octets(1'000))}), 1)), reason::hello_too_large);
}

TEST(client_hello, an_extension_that_comes_twice_is_refused) {
    EXPECT_EQ(refusal(with(server_name("a.example") + server_name("a.example"))), reason::bad_client_hello);
    EXPECT_EQ(refusal(with(extension(0x0a0a, {}) + extension(35, {}) + extension(0x0a0a, {}))),
              reason::bad_client_hello);
}

TEST(client_hello, a_pre_shared_key_that_is_not_last_is_refused) {
    EXPECT_EQ(refusal(with(pre_shared_key({1}))), std::nullopt);
    EXPECT_EQ(refusal(with(pre_shared_key({1}) + extension(21, {}))), reason::bad_client_hello);
}

TEST(client_hello, a_pre_shared_key_without_its_parts_is_refused) {
    const octets identity = sized(sized({1}, 2) + number(0, 4), 2);
    const octets binder = sized(sized(octets(32), 1), 2);
    EXPECT_EQ(refusal(with(extension(41, identity + binder))), std::nullopt);
    for (const auto& body :
         {octets{}, identity, identity + sized({}, 2), sized({}, 2) + binder,
          sized(sized({}, 2) + number(0, 4), 2) + binder, sized(sized({1}, 2) + number(0, 3), 2) + binder,
          identity + sized(sized(octets(31), 1), 2), identity + binder + octets{0}})
        EXPECT_EQ(refusal(with(extension(41, body))), reason::bad_client_hello);
}

TEST(client_hello, its_own_fields_must_be_whole) {
    EXPECT_EQ(refusal(record(message({.session_id = octets(33)}))), reason::bad_client_hello);
    EXPECT_EQ(refusal(record(message({.ciphers = {}}))), reason::bad_client_hello);
    EXPECT_EQ(refusal(record(message({.ciphers = {0x13, 0x01, 0xc0}}))), reason::bad_client_hello);
    EXPECT_EQ(refusal(record(message({.compressions = {}}))), reason::bad_client_hello);
}

TEST(client_hello, a_message_cut_anywhere_and_announced_as_whole_is_refused) {
    const octets whole =
        message({.session_id = octets(8), .extensions = server_name("a.example") + pre_shared_key({1, 2})});
    const std::size_t without_extensions = 4 + 2 + 32 + 9 + 6 + 2;
    for (std::size_t n = 4; n < whole.size(); ++n) {
        const octets body(whole.begin() + 4, whole.begin() + static_cast<std::ptrdiff_t>(n));
        const auto expected = n == without_extensions ? std::nullopt : std::optional(reason::bad_client_hello);
        EXPECT_EQ(refusal(record(number(1, 1) + sized(body, 3))), expected) << n;
    }
}

TEST(client_hello, a_byte_behind_its_extensions_is_refused) {
    const octets whole = message({.extensions = server_name("a.example")});
    const octets body = octets(whole.begin() + 4, whole.end()) + octets{0};
    EXPECT_EQ(refusal(record(number(1, 1) + sized(body, 3))), reason::bad_client_hello);
}

// Bodies of extensions whose inner lengths do not add up, or that hold less than they must.
struct bad_body {
    std::uint16_t type;
    octets body;
};

class malformed : public testing::TestWithParam<bad_body> {};

TEST_P(malformed, extension_is_refused) {
    EXPECT_EQ(refusal(with(extension(GetParam().type, GetParam().body))), reason::bad_client_hello);
}

const bad_body bodies[] = {
    {0, {}},  // a server's form of it
    {10, {}},
    {10, sized({}, 2)},
    {10, sized({0, 29, 0}, 2)},
    {10, sized({0, 29}, 2) + octets{0}},
    {10, {0, 4, 0, 29}},
    {13, sized({}, 2)},
    {13, sized({4}, 2)},
    {16, {}},
    {16, sized({}, 2)},
    {16, sized({0}, 2)},
    {16, sized({3, 'h', '2'}, 2)},
    {16, sized({2, 'h', '2', 0}, 2)},
    {16, sized({2, 'h', '2'}, 2) + octets{0}},
    {43, {}},
    {43, sized({}, 1)},
    {43, sized({3, 4, 3}, 1)},
    {43, {4, 3, 4}},
    {51, {}},
    {51, sized({0, 29}, 2)},
    {51, sized({0, 29, 0, 0}, 2)},
    {51, sized({0, 29, 0, 2, 1}, 2)},
    {51, sized({}, 2) + octets{0}},
};

INSTANTIATE_TEST_SUITE_P(client_hello, malformed, testing::ValuesIn(bodies));

TEST(client_hello, an_extension_that_leaves_the_block_is_refused) {
    EXPECT_EQ(refusal(with({0, 35, 0, 1})), reason::bad_client_hello);
    EXPECT_EQ(refusal(with({0, 35, 0})), reason::bad_client_hello);
    EXPECT_EQ(refusal(with({0})), reason::bad_client_hello);
}

TEST(client_hello, a_name_that_is_none_is_refused) {
    EXPECT_EQ(refusal(with(server_name("a b"))), reason::bad_client_hello);
}

}  // namespace
}  // namespace postern::tls
