// What we say of a client to a backend, what trusted proxies and operators change about it, and what a client hears.
#include "proxy/wire/forwarding.hpp"

#include "tests/proxy/wire/exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <limits>

namespace postern::wire {
namespace {

std::span<const std::uint8_t> bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A GET of "/" from a.example with these headers, as it is sent on.
struct client {
    std::string headers = {};
    bool trusted = false;
    bool forwarded = false;
    std::string ip = "192.0.2.1";
    std::string host = "a.example";
    std::vector<set_header> set = {};
    bool says_client_cert = false;
    std::string client_cert = {};
    std::string client_cert_chain = {};

    [[nodiscard]] std::string sends() const {
        const std::string raw = "GET / HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
        request_reader reader;
        EXPECT_EQ(reader.read(bytes(raw), {}), head_status::complete) << raw;
        auto context = context_of(reader.head());
        context.client_ip = ip;
        context.trusted = trusted;
        context.forwarded = forwarded;
        context.says_client_cert = says_client_cert;
        context.client_cert = client_cert;
        context.client_cert_chain = client_cert_chain;
        std::string sent = "before ";
        append_request(sent, reader.head(), "/b?c", context, set);
        return sent;
    }
    // All values of this header, each with a bar behind it.
    [[nodiscard]] std::string sends(const std::string& name) const {
        const std::string sent = sends();
        std::string values;
        const std::string line = "\r\n" + name + ": ";
        for (auto at = sent.find(line); at != std::string::npos; at = sent.find(line, at + 2))
            values += sent.substr(at + line.size(), sent.find("\r\n", at + 2) - at - line.size()) + "|";
        return values;
    }
};

TEST(append_request, writes_behind_what_is_there_and_takes_the_target_it_is_told) {
    EXPECT_EQ((client{.headers = "Accept: d\r\n"}.sends()),
              "before GET /b?c HTTP/1.1\r\nHost: a.example\r\nAccept: d\r\nX-Forwarded-For: 192.0.2.1\r\n"
              "X-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\nX-Forwarded-Port: 443\r\n"
              "X-Real-IP: 192.0.2.1\r\n\r\n");
}

TEST(append_request, keeps_what_a_trusted_proxy_says_of_its_client) {
    const client c{.headers = "X-Forwarded-For: 198.51.100.1, 198.51.100.2\r\nX-Forwarded-For: 198.51.100.3\r\n"
                              "X-Forwarded-Proto: http\r\nX-Forwarded-Host: b.example\r\nX-Forwarded-Port: 80\r\n",
                   .trusted = true};
    EXPECT_EQ(c.sends("X-Forwarded-For"), "198.51.100.1, 198.51.100.2, 198.51.100.3, 192.0.2.1|");
    EXPECT_EQ(c.sends("X-Forwarded-Proto"), "http|");
    EXPECT_EQ(c.sends("X-Forwarded-Host"), "b.example|");
    EXPECT_EQ(c.sends("X-Forwarded-Port"), "80|");
}

TEST(append_request, says_for_a_trusted_proxy_what_it_does_not_say_itself) {
    const client c{.headers = "X-Forwarded-For:\r\nX-Forwarded-Proto:\r\n", .trusted = true};
    EXPECT_EQ(c.sends("X-Forwarded-For"), "192.0.2.1|");
    EXPECT_EQ(c.sends("X-Forwarded-Proto"), "https|");
    EXPECT_EQ(c.sends("X-Forwarded-Host"), "a.example|");
}

TEST(append_request, lets_no_connection_option_hide_what_a_trusted_proxy_says) {
    const client c{.headers = "Connection: X-Forwarded-For\r\nX-Forwarded-For: 198.51.100.1\r\n", .trusted = true};
    EXPECT_EQ(c.sends("X-Forwarded-For"), "198.51.100.1, 192.0.2.1|");
}

TEST(append_request, drops_a_trusted_proxys_headers_that_are_spelt_with_underscores) {
    const client c{.headers = "X_Forwarded_For: 198.51.100.1\r\nX_Real_IP: 198.51.100.1\r\n", .trusted = true};
    EXPECT_EQ(c.sends().find("198.51.100.1"), std::string::npos);
}

TEST(append_request, of_certificates_says_what_we_know_and_nothing_that_a_client_says) {
    const std::string forged =
        "Client-Cert: :Zm9yZ2Vk:\r\nclient-cert-chain: :Zm9yZ2Vk:\r\nClient_Cert: :Zm9yZ2Vk:\r\n";
    EXPECT_EQ((client{.headers = forged}.sends().find("Zm9yZ2Vk")), std::string::npos);
    for (const bool trusted : {false, true}) {
        const client without{.headers = forged, .trusted = trusted, .says_client_cert = true};
        EXPECT_EQ(without.sends().find("Zm9yZ2Vk"), std::string::npos);
        EXPECT_EQ(without.sends("Client-Cert"), "");
        const client with{.headers = forged,
                          .trusted = trusted,
                          .says_client_cert = true,
                          .client_cert = ":YQ==:",
                          .client_cert_chain = ":Yg==:, :Yw==:"};
        EXPECT_EQ(with.sends().find("Zm9yZ2Vk"), std::string::npos);
        EXPECT_EQ(with.sends("Client-Cert"), ":YQ==:|");
        EXPECT_EQ(with.sends("Client-Cert-Chain"), ":Yg==:, :Yw==:|");
    }
}

TEST(append_request, keeps_what_a_trusted_proxy_says_of_its_clients_certificate_where_we_say_nothing) {
    const client c{.headers = "Client-Cert: :YQ==:\r\nClient-Cert-Chain: :Yg==:\r\n", .trusted = true};
    EXPECT_EQ(c.sends("Client-Cert"), ":YQ==:|");
    EXPECT_EQ(c.sends("Client-Cert-Chain"), ":Yg==:|");
}

TEST(append_request, writes_forwarded_where_it_is_wanted) {
    EXPECT_EQ((client{.forwarded = true}.sends("Forwarded")), "for=192.0.2.1;host=a.example;proto=https|");
    EXPECT_EQ((client{.forwarded = true, .host = "a.example:8443"}.sends("Forwarded")),
              "for=192.0.2.1;host=\"a.example:8443\";proto=https|");
    EXPECT_EQ((client{.forwarded = true, .ip = "2001:db8::1", .host = "[::1]"}.sends("Forwarded")),
              "for=\"[2001:db8::1]\";host=\"[::1]\";proto=https|");
}

TEST(append_request, keeps_forwarded_of_a_trusted_proxy_alone) {
    const std::string headers = "Forwarded: for=198.51.100.1\r\nForwarded: for=_b\r\n";
    EXPECT_EQ((client{.headers = headers}.sends("Forwarded")), "");
    EXPECT_EQ((client{.headers = headers, .trusted = true}.sends("Forwarded")), "for=198.51.100.1, for=_b|");
    EXPECT_EQ((client{.headers = headers, .trusted = true, .forwarded = true}.sends("Forwarded")),
              "for=198.51.100.1, for=_b, for=192.0.2.1;host=a.example;proto=https|");
    EXPECT_EQ((client{.headers = headers, .forwarded = true}.sends("Forwarded")),
              "for=192.0.2.1;host=a.example;proto=https|");
}

TEST(append_request, takes_the_operators_headers_before_the_clients_and_ours) {
    const client c{.headers = "User-Agent: x\r\nuser_agent: y\r\nX-Client: z\r\n",
                   .set = {{"user-agent", "o"},
                           {"X-Client", "CN=b"},
                           {"X-Client", "c"},
                           {"X-REAL-IP", "d"},
                           {"Host", "backend.example"}}};
    const std::string sent = c.sends();
    EXPECT_EQ(c.sends("Host"), "backend.example|");
    EXPECT_EQ(c.sends("user-agent"), "o|");
    EXPECT_EQ(c.sends("X-Client"), "CN=b|c|");
    EXPECT_EQ(c.sends("X-REAL-IP"), "d|");
    for (const char* gone : {"User-Agent", "user_agent", ": z", "X-Real-IP"})
        EXPECT_EQ(sent.find(gone), std::string::npos) << gone;
}

TEST(append_request, sends_nothing_for_an_empty_value_of_the_operators) {
    const client c{.headers = "Accept: x\r\n", .set = {{"Accept", ""}, {"X-Forwarded-For", ""}, {"Forwarded", ""}}};
    EXPECT_EQ(c.sends("Accept"), "");
    EXPECT_EQ(c.sends("X-Forwarded-For"), "");
    EXPECT_EQ(c.sends("X-Forwarded-Proto"), "https|");
}

TEST(append_request, sends_nothing_of_the_operators_that_is_no_header_or_concerns_the_connection) {
    const client c{.set = {{"A", "b\r\nC: d"},
                           {"E", std::string("f\0", 2)},
                           {"G H", "i"},
                           {"J:", "k"},
                           {"", "l"},
                           {"Content-Length", "5"},
                           {"transfer_encoding", "chunked"},
                           {"Connection", "close"},
                           {"Upgrade", "h2c"},
                           {"TE", "trailers"}}};
    EXPECT_EQ(c.sends(), client{}.sends());
}

TEST(append_request, may_say_nothing_of_what_it_does_not_know) {
    const std::string raw = "GET / HTTP/1.0\r\n\r\n";
    request_reader reader;
    ASSERT_EQ(reader.read(bytes(raw), {}), head_status::complete);
    std::string sent;
    append_request(sent, reader.head(), "/",
                   {.client_ip = "192.0.2.1",
                    .real_ip = {},
                    .scheme = "https",
                    .host = {},
                    .port = {},
                    .forwarded = true,
                    .default_host = "d.example"},
                   {});
    EXPECT_EQ(sent, "GET / HTTP/1.1\r\nHost: d.example\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
                    "Forwarded: for=192.0.2.1;proto=https\r\n\r\n");
}

// CPU time of forwarding this head, at best.
std::clock_t time_of(const std::string& raw) {
    request_reader reader;
    EXPECT_EQ(reader.read(bytes(raw), {}), head_status::complete);
    auto best = std::numeric_limits<std::clock_t>::max();
    for (int i = 0; i < 5; ++i) {
        std::string sent;
        const auto begun = std::clock();
        append_request(sent, reader.head(), "/", {.client_ip = "192.0.2.1"}, {});
        best = std::min(best, std::clock() - begun);
    }
    return best;
}

TEST(append_request, needs_no_more_time_for_a_head_of_many_lines_because_of_a_connection_option) {
    std::string lines;
    for (int i = 0; i < 7000; ++i) lines += "a:\r\n";
    const auto plain = time_of("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
    const auto named = time_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\n" + lines + "\r\n");
    EXPECT_LT(named, 20 * std::max<std::clock_t>(plain, 100));
}

std::string answered(const std::string& raw, const response_context& context, const std::vector<set_header>& add = {},
                     const char* method = "GET") {
    response_reader reader;
    EXPECT_EQ(reader.read(bytes(raw), method, {}), head_status::complete) << raw;
    std::string sent;
    append_response(sent, reader.head(), context, add);
    return sent;
}

constexpr body_length one{body_length::kind::length, 1};
constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";

TEST(append_response, says_what_the_version_does_not_say_about_the_connection) {
    using enum http_version;
    EXPECT_EQ(answered(ok, {.client_version = http_1_1, .body = one}), ok);
    EXPECT_EQ(answered(ok, {.client_version = http_1_1, .close = true, .body = one}),
              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answered(ok, {.client_version = http_1_0, .body = one}),
              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(answered(ok, {.client_version = http_1_0, .close = true, .body = one}),
              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n");
}

TEST(append_response, writes_the_length_of_what_is_sent) {
    using kind = body_length::kind;
    EXPECT_EQ(answered(ok, {.body = {kind::chunked, 0}}), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(answered(ok, {.close = true, .body = {kind::until_close, 0}}),
              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST(append_response, dates_a_response_without_a_date) {
    const std::string dated = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 1\r\n\r\n";
    EXPECT_EQ(answered(ok, {.body = one, .date = "x"}), dated);
    EXPECT_EQ(answered(dated, {.body = one, .date = "y"}), dated);
    EXPECT_EQ(answered("HTTP/1.1 100 \r\n\r\n", {.date = "y"}), "HTTP/1.1 100 \r\n\r\n");
}

TEST(append_response, replaces_the_backends_headers_and_the_operators_by_what_is_to_stand_alone) {
    const std::vector<set_header> ours{{"Strict-Transport-Security", "max-age=1"}};
    EXPECT_EQ(answered("HTTP/1.1 404 Not Found\r\nstrict-transport-security: max-age=9\r\nA: b\r\n"
                       "Strict-Transport-Security: x\r\nContent-Length: 1\r\n\r\n",
                       {.body = one, .instead = ours}, {{"strict-transport-security", "max-age=7"}, {"C", "d"}}),
              "HTTP/1.1 404 Not Found\r\nA: b\r\nStrict-Transport-Security: max-age=1\r\nC: d\r\n"
              "Content-Length: 1\r\n\r\n");
}

TEST(append_response, adds_headers_beside_those_of_the_backend) {
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nVary: a\r\nContent-Length: 1\r\n\r\n", {.body = one},
                       {{"Vary", "b"},
                        {"Strict-Transport-Security", "max-age=1"},
                        {"X", ""},
                        {"Y", "\r\nZ: c"},
                        {"Content-Length", "7"}}),
              "HTTP/1.1 200 OK\r\nVary: a\r\nVary: b\r\nStrict-Transport-Security: max-age=1\r\nContent-Length: 1\r\n"
              "\r\n");
}

TEST(append_response, says_nothing_about_the_connection_before_the_final_response) {
    EXPECT_EQ(answered("HTTP/1.1 103 \r\nLink: a\r\n\r\n", {.close = true}), "HTTP/1.1 103 \r\nLink: a\r\n\r\n");
}

TEST(append_last_chunk, sends_no_trailer_that_the_operator_sets) {
    const std::vector<header> trailers{
        {known::other, "X-Client", "a"}, {known::other, "x_client", "b"}, {known::other, "C", "d"}};
    const std::vector<set_header> set{{"X-Client", "e"}};
    std::string sent;
    append_last_chunk(sent, trailers, set);
    EXPECT_EQ(sent, "0\r\nC: d\r\n\r\n");
}

}  // namespace
}  // namespace postern::wire
