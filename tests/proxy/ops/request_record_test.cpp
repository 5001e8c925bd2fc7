#include "proxy/ops/request_record.hpp"
#include "tests/proxy/ops/json.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

using namespace postern;
using namespace postern::ops;
using namespace std::chrono;
using config::log_format;
using test::json_at;
using test::json_keys;

namespace {

struct recorded {
    connection_record of;
    request_record r;
};

recorded answered() {
    recorded both;
    auto& [of, r] = both;
    r.time = sys_days{2026y / November / 24} + 9h + 30min + 123ms;
    r.id = {0x0123456789abcdef, 0x0123456789abcdef};
    of.id = 0x4d2;
    of.listener = "127.0.0.1:8443";
    of.client_ip = "127.0.0.1";
    of.client_port = 5555;
    of.sni = "localhost";
    of.alpn = "http/1.1";
    of.tls = tls_record{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", true, 1234us};
    r.method = "GET";
    r.target = "/a?b=c";
    r.protocol = "HTTP/1.1";
    r.host = "www.example";
    r.referer = "https://from.example/";
    r.user_agent = "curl/7.88.1";
    r.status = 200;
    r.upstream = request_upstream{"web", "127.0.0.1:9001", 201us, 2500us, 200, false};
    r.bytes_in = 123;
    r.bytes_out = 456;
    r.body_bytes_out = 300;
    r.lasted = 12345us;
    r.by = party::upstream;
    r.during = phase::relay;
    r.why = reason::closed;
    return both;
}

// One whose request never became one.
recorded unread() {
    auto both = answered();
    auto& [of, r] = both;
    for (auto* text : {&of.sni, &of.alpn, &r.method, &r.target, &r.host, &r.referer, &r.user_agent}) text->clear();
    r.protocol = {};
    of.tls.reset();
    r.upstream.reset();
    r.status = 400;
    r.by = party::client;
    return both;
}

std::string line(const recorded& both, log_format format) {
    std::string to;
    append_line(to, both.of, both.r, format);
    return to;
}

std::string text_line(const recorded& both) {
    const test::time_zone utc("UTC0");
    return line(both, log_format::text);
}

std::string every_byte() {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    return all;
}

struct field {
    const char* pointer;
    void (*put)(recorded& both, const std::string& text);
};

constexpr field foreign_fields[] = {
    {"/listener", [](recorded& both, const std::string& text) { both.of.listener = text; }},
    {"/client/ip", [](recorded& both, const std::string& text) { both.of.client_ip = text; }},
    {"/sni", [](recorded& both, const std::string& text) { both.of.sni = text; }},
    {"/alpn", [](recorded& both, const std::string& text) { both.of.alpn = text; }},
    {"/request/method", [](recorded& both, const std::string& text) { both.r.method = text; }},
    {"/request/target", [](recorded& both, const std::string& text) { both.r.target = text; }},
    {"/request/host", [](recorded& both, const std::string& text) { both.r.host = text; }},
    {"/request/protocol", [](recorded& both, const std::string& text) { both.r.protocol = text; }},
    {"/request/referer", [](recorded& both, const std::string& text) { both.r.referer = text; }},
    {"/request/user_agent", [](recorded& both, const std::string& text) { both.r.user_agent = text; }},
    {"/close/detail", [](recorded& both, const std::string& text) { both.r.detail = text; }},
};

}  // namespace

TEST(request_record, a_json_line_has_exactly_these_keys) {
    EXPECT_EQ(
        line(answered(), log_format::json),
        R"({"time":"2026-11-24T09:30:00.123Z","id":"0123456789abcdef0123456789abcdef",)"
        R"("connection":"00000000000004d2","listener":"127.0.0.1:8443",)"
        R"("client":{"ip":"127.0.0.1","port":5555},"sni":"localhost","alpn":"http/1.1",)"
        R"("tls":{"version":"TLSv1.3","cipher":"TLS_AES_128_GCM_SHA256","group":"X25519","resumed":true,)"
        R"("handshake_ms":1.234},"client_cert":null,"request":{"method":"GET","target":"/a?b=c","host":"www.example",)"
        R"("protocol":"HTTP/1.1","referer":"https://from.example/","user_agent":"curl/7.88.1"},"status":200,)"
        R"("upstream":{"name":"web","peer":"127.0.0.1:9001","status":200,"connect_ms":0.201,)"
        R"("first_byte_ms":2.500,"reused":false},"bytes":{"in":123,"out":456,"body_out":300},)"
        R"("duration_ms":12.345,"close":{"by":"upstream","phase":"relay","reason":"closed","detail":""}})"
        "\n");
}

TEST(request_record, what_did_not_come_to_be_is_null_and_no_key_is_missing) {
    const auto whole = line(answered(), log_format::json);
    const auto text = line(unread(), log_format::json);
    EXPECT_EQ(json_at(text, "/tls"), "null");
    EXPECT_EQ(json_at(text, "/upstream"), "null");
    EXPECT_EQ(json_at(text, "/request/method"), "");
    for (const auto* object : {"", "/client", "/request", "/bytes", "/close"})
        EXPECT_EQ(json_keys(text, object), json_keys(whole, object));
}

TEST(request_record, an_upstream_that_did_not_answer_has_no_first_byte) {
    auto both = answered();
    both.r.upstream = request_upstream{"web", "", 0us, {}, 0, true};
    const auto text = line(both, log_format::json);
    EXPECT_EQ(json_at(text, "/upstream/first_byte_ms"), "null");
    EXPECT_EQ(json_at(text, "/upstream/status"), "0");
    EXPECT_EQ(json_at(text, "/upstream/reused"), "true");
    EXPECT_EQ(json_keys(text, "/upstream"), json_keys(line(answered(), log_format::json), "/upstream"));
}

TEST(request_record, numbers_at_their_limits_are_still_json) {
    auto both = answered();
    both.of.id = ~0ULL;
    both.r.bytes_in = both.r.bytes_out = both.r.body_bytes_out = ~0ULL;
    both.r.lasted = hours(24 * 365);
    const auto text = line(both, log_format::json);
    EXPECT_EQ(json_at(text, "/connection"), "ffffffffffffffff");
    EXPECT_EQ(json_at(text, "/bytes/body_out"), "18446744073709551615");
    EXPECT_NE(text.find(R"("duration_ms":31536000000.000,)"), std::string::npos);
}

TEST(request_record, no_byte_in_any_field_breaks_the_json) {
    const auto bytes = every_byte();
    const auto whole = line(answered(), log_format::json);
    for (const auto& [pointer, put] : foreign_fields) {
        auto both = answered();
        put(both, bytes);
        const auto text = line(both, log_format::json);
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << pointer;
        EXPECT_EQ(json_at(text, pointer).substr(0, 128), every_byte().substr(0, 128)) << pointer;
        EXPECT_EQ(json_keys(text, ""), json_keys(whole, "")) << pointer;
    }
}

TEST(request_record, no_field_can_forge_another_in_json) {
    const std::string forged = "\",\"status\":999,\"x\":\"\\";
    for (const auto& [pointer, put] : foreign_fields) {
        auto both = answered();
        put(both, forged);
        const auto text = line(both, log_format::json);
        EXPECT_EQ(json_at(text, pointer), forged);
        EXPECT_EQ(json_at(text, "/status"), "200") << pointer;
    }
}

TEST(request_record, a_text_line_is_nginx_s_combined_format) {
    EXPECT_EQ(text_line(answered()), "127.0.0.1 - - [24/Nov/2026:09:30:00 +0000] \"GET /a?b=c HTTP/1.1\" 200 300 "
                                     "\"https://from.example/\" \"curl/7.88.1\"\n");
}

TEST(request_record, a_text_line_has_a_dash_for_what_is_absent) {
    auto both = unread();
    both.of.client_ip = "::1";
    both.r.body_bytes_out = 0;
    EXPECT_EQ(text_line(both), "::1 - - [24/Nov/2026:09:30:00 +0000] \"-\" 400 0 \"-\" \"-\"\n");
    both.of.client_ip.clear();
    EXPECT_EQ(text_line(both), "- - - [24/Nov/2026:09:30:00 +0000] \"-\" 400 0 \"-\" \"-\"\n");
}

TEST(request_record, a_request_line_without_a_protocol_has_no_blank_at_its_end) {
    auto both = answered();
    both.r.protocol = {};
    EXPECT_NE(text_line(both).find(" \"GET /a?b=c\" 200 "), std::string::npos);
}

TEST(request_record, a_status_has_three_digits_in_text) {
    auto both = answered();
    both.r.status = 0;
    EXPECT_NE(text_line(both).find("HTTP/1.1\" 000 300 "), std::string::npos);
    both.r.status = 42;
    EXPECT_NE(text_line(both).find("HTTP/1.1\" 042 300 "), std::string::npos);
}

// What nginx 1.22 writes of the same bytes.
TEST(request_record, escapes_in_text_are_nginx_s) {
    auto both = answered();
    both.r.user_agent = "a\"\\\xff\x7f\x1f\tb";
    EXPECT_NE(text_line(both).find(R"("a\x22\x5C\xFF\x7F\x1F\x09b")"), std::string::npos);
}

TEST(request_record, no_byte_in_any_field_breaks_a_text_line) {
    const auto bytes = every_byte();
    for (const auto& [pointer, put] : foreign_fields) {
        auto both = answered();
        put(both, bytes);
        const auto text = text_line(both);
        EXPECT_EQ(std::count(text.begin(), text.end(), '"'), 6) << pointer;
        EXPECT_EQ(text.find('\n'), text.size() - 1) << pointer;
        EXPECT_TRUE(std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= ' ' && c < 127; })) << pointer;
    }
}

TEST(request_record, the_time_in_text_is_that_of_the_end) {
    auto both = answered();
    both.r.lasted = 876ms;
    EXPECT_NE(text_line(both).find("[24/Nov/2026:09:30:00 +0000]"), std::string::npos);
    both.r.lasted = 877ms;
    EXPECT_NE(text_line(both).find("[24/Nov/2026:09:30:01 +0000]"), std::string::npos);
}

TEST(request_record, the_time_in_text_is_local_and_that_in_json_is_not) {
    const test::time_zone india("IST-5:30");
    auto both = answered();
    both.r.time += 12h;  // a second that no other test has written in its own zone
    EXPECT_NE(line(both, log_format::text).find("[25/Nov/2026:03:00:00 +0530]"), std::string::npos);
    EXPECT_EQ(json_at(line(both, log_format::json), "/time"), "2026-11-24T21:30:00.123Z");
}
