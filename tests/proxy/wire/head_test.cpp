// What a head means to those who act on it, and when a reader has an answer.
#include "proxy/wire/head.hpp"

#include "tests/proxy/wire/exchange.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace postern::wire {
namespace {

using namespace std::string_literals;
using kind = body_length::kind;

std::span<const std::uint8_t> bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Readers with the bytes that their heads point into.
struct read_request {
    std::string raw;
    request_reader reader;
};
struct read_response {
    std::string raw;
    response_reader reader;
};

std::unique_ptr<read_request> request(const std::string& raw) {
    auto read = std::make_unique<read_request>(read_request{raw, {}});
    EXPECT_EQ(read->reader.read(bytes(read->raw), {}), head_status::complete) << raw;
    return read;
}

std::unique_ptr<read_request> get_with(const std::string& headers, const std::string& version = "1.1") {
    return request("GET / HTTP/" + version + "\r\nHost: a\r\n" + headers + "\r\n");
}

std::unique_ptr<read_response> response(const std::string& raw, const char* method = "GET") {
    auto read = std::make_unique<read_response>(read_response{raw, {}});
    EXPECT_EQ(read->reader.read(bytes(read->raw), method, {}), head_status::complete) << raw;
    return read;
}

TEST(wire_head, of_a_request_points_into_what_was_received) {
    const auto read = request("\r\nPUT /a?b HTTP/1.1\r\nHost: c:1\r\nX-Other:  d \r\n\r\nbody");
    const auto& head = read->reader.head();
    EXPECT_EQ(head.method, "PUT");
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.authority, "c:1");
    EXPECT_EQ(head.version, http_version::http_1_1);
    ASSERT_EQ(head.headers.size(), 2u);
    EXPECT_EQ(head.headers[1].name, "X-Other");
    EXPECT_EQ(head.headers[1].value, "d");
    EXPECT_EQ(head.headers[1].value.data(), read->raw.data() + read->raw.find("d "));
    EXPECT_EQ(read->raw.substr(read->reader.size()), "body");
}

TEST(wire_head, knows_its_fields_in_any_spelling) {
    const std::vector<std::pair<const char*, known>> names{
        {"CONNECTION", known::connection},
        {"content-length", known::content_length},
        {"Content-Type", known::content_type},
        {"cookie", known::cookie},
        {"Date", known::date},
        {"Forwarded", known::forwarded},
        {"hOST", known::host},
        {"http2-settings", known::http2_settings},
        {"keep-Alive", known::keep_alive},
        {"Proxy-Connection", known::proxy_connection},
        {"referer", known::referer},
        {"te", known::te},
        {"Trailer", known::trailer},
        {"Upgrade", known::upgrade},
        {"user-agent", known::user_agent},
        {"x-forwarded-for", known::x_forwarded_for},
        {"X-Forwarded-Host", known::x_forwarded_host},
        {"X-FORWARDED-PORT", known::x_forwarded_port},
        {"X-Forwarded-Proto", known::x_forwarded_proto},
        {"x-Real-IP", known::x_real_ip},
        {"X-Forwarded-Fo", known::other},
        {"X_Real_IP", known::other},
        {"Accept", known::other},
    };
    std::string raw = "GET / HTTP/1.0\r\n";
    for (const auto& [name, id] : names) raw.append(name).append(id == known::content_length ? ": 1\r\n" : ": a\r\n");
    const auto read = request(raw + "\r\n");
    const auto& headers = read->reader.head().headers;
    ASSERT_EQ(headers.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(headers[i].id, names[i].second) << names[i].first;
    EXPECT_EQ(read->reader.head().find(known::cookie), &headers[3]);
    EXPECT_EQ(read->reader.head().find(known::expect), nullptr);
}

TEST(wire_head, of_a_request_says_how_long_its_body_is) {
    EXPECT_EQ(get_with("")->reader.head().body, (body_length{kind::none, 0}));
    EXPECT_EQ(get_with("Content-Length: 0\r\n")->reader.head().body, (body_length{kind::length, 0}));
    EXPECT_EQ(get_with("Content-Length: 9223372036854775807\r\n")->reader.head().body,
              (body_length{kind::length, 9'223'372'036'854'775'807}));
    EXPECT_EQ(get_with("Transfer-Encoding: chunked\r\n")->reader.head().body, (body_length{kind::chunked, 0}));
}

TEST(wire_head, of_a_request_says_whether_another_will_come) {
    EXPECT_TRUE(get_with("")->reader.head().keep_alive);
    EXPECT_TRUE(get_with("Proxy-Connection: close\r\n")->reader.head().keep_alive);
    EXPECT_FALSE(get_with("Connection: close\r\n")->reader.head().keep_alive);
    EXPECT_FALSE(get_with("Connection: a\r\nConnection: b , CLOSE\r\n")->reader.head().keep_alive);
    EXPECT_FALSE(get_with("", "1.0")->reader.head().keep_alive);
    EXPECT_TRUE(get_with("Connection: Keep-Alive\r\n", "1.0")->reader.head().keep_alive);
    EXPECT_FALSE(get_with("Connection: Keep-Alive, close\r\n", "1.0")->reader.head().keep_alive);
}

TEST(wire_head, of_a_request_says_whether_it_waits_to_continue) {
    EXPECT_FALSE(get_with("")->reader.head().expect_continue);
    EXPECT_TRUE(get_with("Expect: 100-CONTINUE\r\n")->reader.head().expect_continue);
    EXPECT_FALSE(get_with("Expect: 100-continue\r\n", "1.0")->reader.head().expect_continue);
}

TEST(wire_head, of_a_request_names_the_protocol_that_it_would_change_to) {
    EXPECT_EQ(get_with("Connection: UPGRADE\r\nUpgrade: WebSocket\r\n")->reader.head().upgrade, "WebSocket");
    for (const char* headers : {"Upgrade: a\r\n", "Connection: upgrade\r\n", "Connection: upgrade\r\nUpgrade: h2c\r\n",
                                "Connection: upgrade\r\nUpgrade: a/\r\n", "Connection: upgrade\r\nUpgrade: a b\r\n",
                                "Connection: upgrade\r\nUpgrade: a\r\nUpgrade: a\r\n",
                                "Connection: upgrade\r\nUpgrade: a\r\nContent-Length: 1\r\n"})
        EXPECT_EQ(get_with(headers)->reader.head().upgrade, "") << headers;
}

TEST(wire_head, of_a_response_says_whether_its_connection_can_be_used_again) {
    const auto again = [](const std::string& raw, const char* method = "GET") {
        return response(raw + "\r\n", method)->reader.head().keep_alive;
    };
    EXPECT_TRUE(again("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"));
    EXPECT_TRUE(again("HTTP/1.1 200 OK\r\n", "HEAD"));
    EXPECT_TRUE(again("HTTP/1.1 304 \r\nContent-Length: 5\r\n"));
    EXPECT_TRUE(again("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n"));
    EXPECT_TRUE(again("HTTP/1.1 204 \r\nContent-Length: 0\r\n"));
    EXPECT_FALSE(again("HTTP/1.1 204 \r\nContent-Length: 5\r\n")) << "who knows what comes behind it";
    EXPECT_FALSE(again("HTTP/1.1 204 \r\nTransfer-Encoding: chunked\r\n"));
    EXPECT_FALSE(again("HTTP/1.1 200 OK\r\n")) << "the body ends with the connection";
    EXPECT_FALSE(again("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n"));
    EXPECT_FALSE(again("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n"));
    EXPECT_FALSE(again("HTTP/1.1 101 \r\nUpgrade: a\r\n"));
}

TEST(wire_head, of_a_response_says_how_long_its_body_is) {
    const auto body = [](const std::string& raw, const char* method = "GET") {
        return response(raw + "\r\n", method)->reader.head().body;
    };
    EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n"), (body_length{kind::length, 7}));
    EXPECT_EQ(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"), (body_length{kind::chunked, 0}));
    EXPECT_EQ(body("HTTP/1.1 200 OK\r\n"), (body_length{kind::until_close, 0}));
    EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n", "HEAD"), (body_length{kind::none, 0}));
    for (const char* status : {"100", "101", "199", "204", "304"})
        EXPECT_EQ(body("HTTP/1.1 "s + status + " \r\nUpgrade: a\r\nContent-Length: 7\r\n"),
                  (body_length{kind::none, 0}))
            << status;
}

TEST(wire_head, of_a_response_says_what_its_status_line_says) {
    const auto read = response("HTTP/1.0 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(read->reader.head().status, 418u);
    EXPECT_EQ(read->reader.head().reason, "I'm a teapot");
    EXPECT_EQ(read->reader.head().version, http_version::http_1_0);
    const auto bare = response("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(bare->reader.head().status, 200u);
    EXPECT_EQ(bare->reader.head().reason, "");
    EXPECT_EQ(bare->reader.head().find(known::content_length)->value, "3");
    EXPECT_EQ(bare->raw.substr(bare->reader.size()), "abc");
    EXPECT_EQ(response("HTTP/1.1 101 \r\nUpgrade: a/1\r\n\r\n")->reader.head().upgrade, "a/1");
}

TEST(wire_head, is_refused_at_the_first_wrong_byte) {
    for (const auto& raw : {"\n"s,
                            "\rG"s,
                            "("s,
                            "GET  "s,
                            "GET\t"s,
                            "GET /\r"s,
                            "GET /\x01"s,
                            "GET /#"s,
                            "GET / h"s,
                            "GET / HTTP/2"s,
                            "GET / HTTP/1.1 "s,
                            "GET / HTTP/1.1\n"s,
                            "GET / HTTP/1.1\rH"s,
                            "GET / HTTP/1.1\r\n "s,
                            "GET / HTTP/1.1\r\n:"s,
                            "GET / HTTP/1.1\r\nHost "s,
                            "GET / HTTP/1.1\r\nA("s,
                            "GET / HTTP/1.1\r\nA\r"s,
                            "GET / HTTP/1.1\r\nA: b\n"s,
                            "GET / HTTP/1.1\r\nA: b\0"s,
                            "GET / HTTP/1.1\r\nA: b\rC"s,
                            "GET / HTTP/1.1\r\nA: b\r\n\t"s,
                            "GET / HTTP/1.1\r\nA: b\r\n\rC"s}) {
        request_reader reader;
        for (std::size_t size = 0; size < raw.size(); ++size)
            EXPECT_EQ(reader.read(bytes(raw).first(size), {}), head_status::need_more) << raw << size;
        EXPECT_EQ(reader.read(bytes(raw), {}), head_status::refused) << raw;
        EXPECT_EQ(reader.read(bytes(raw + "more"), {}), head_status::refused) << "for good";
    }
}

TEST(wire_head, has_begun_with_the_first_byte_that_is_no_empty_line) {
    request_reader reader;
    EXPECT_FALSE(reader.begun());
    for (const char* sent : {"\r", "\r\n", "\r\n\r"}) {
        EXPECT_EQ(reader.read(bytes(sent), {}), head_status::need_more);
        EXPECT_FALSE(reader.begun());
    }
    EXPECT_EQ(reader.read(bytes("\r\n\r\nG"), {}), head_status::need_more);
    EXPECT_TRUE(reader.begun());
    reader.reset();
    EXPECT_FALSE(reader.begun());
}

TEST(wire_head, leaves_nothing_behind_for_the_next_one) {
    const std::string first =
        "POST http://b?c HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    const std::string second = "GET / HTTP/1.1\r\nHost: d\r\n\r\n";
    request_reader reader;
    ASSERT_EQ(reader.read(bytes(first), {}), head_status::complete);
    EXPECT_EQ(reader.read(bytes(first), {}), head_status::complete) << "asked again";
    EXPECT_EQ(reader.head().target, "/?c");
    reader.reset();
    ASSERT_EQ(reader.read(bytes(second), {}), head_status::complete);
    EXPECT_EQ(reader.size(), second.size());
    EXPECT_EQ(reader.head().target, "/");
    EXPECT_EQ(reader.head().authority, "d");
    EXPECT_EQ(reader.head().headers.size(), 1u);
    EXPECT_EQ(reader.head().body, body_length{});
    EXPECT_EQ(reader.head().version, http_version::http_1_1);
    reader.reset();
    EXPECT_EQ(reader.read(bytes("\n"), {}), head_status::refused);
    reader.reset();
    EXPECT_EQ(reader.read(bytes(second), {}), head_status::complete) << "after a refusal";
}

TEST(wire_head, of_a_response_leaves_nothing_behind_for_the_next_one) {
    const std::string first = "HTTP/1.1 103 Early\r\nLink: a\r\n\r\n";
    const std::string second = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
    response_reader reader;
    ASSERT_EQ(reader.read(bytes(first), "HEAD", {}), head_status::complete);
    reader.reset();
    ASSERT_EQ(reader.read(bytes(second), "GET", {}), head_status::complete);
    EXPECT_EQ(reader.size(), second.size());
    EXPECT_EQ(reader.head().headers.size(), 1u);
    EXPECT_EQ(reader.head().body, (body_length{kind::length, 1}));
    EXPECT_FALSE(reader.head().answers_head);
}

TEST(wire_head, that_has_not_ended_needs_more) {
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";
    const std::string response = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    for (std::size_t size = 0; size < request.size(); ++size)
        EXPECT_EQ(forward_request({request.substr(0, size)}).why, "need more") << size;
    for (std::size_t size = 0; size < response.size(); ++size)
        EXPECT_EQ(forward_response({response.substr(0, size)}).why, "need more") << size;
}

}  // namespace
}  // namespace postern::wire
