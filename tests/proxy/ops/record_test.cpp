#include "proxy/ops/record.hpp"
#include "tests/proxy/ops/json.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::ops;
using namespace std::chrono;
using config::log_format;
using test::json_at;
using test::json_keys;

namespace {

struct recorded : connection_record, connection_outcome {};

recorded forwarded() {
    recorded r;
    r.time = sys_days{2026y / November / 24} + 9h + 30min + 123ms;
    r.id = 0x4d2;
    r.listener = "127.0.0.1:8444";
    r.client_ip = "127.0.0.1";
    r.client_port = 5555;
    r.sni = "localhost";
    r.tls = tls_record{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", false, 1234us};
    r.upstream = upstream_record{"web", "127.0.0.1:9001", 201us};
    r.bytes_in = 123;
    r.bytes_out = 456;
    r.lasted = 12345us;
    r.by = party::client;
    r.during = phase::relay;
    r.why = reason::closed;
    return r;
}

recorded failed() {
    auto r = forwarded();
    r.tls.reset();
    r.upstream.reset();
    r.bytes_in = r.bytes_out = 0;
    r.during = phase::handshake;
    r.why = reason::peer_alert;
    r.versions = 0b1100;
    r.offered_alpn = {"h2", "a\"b"};
    r.alert = tls::alert{true, 48};
    return r;
}

std::string line(const recorded& r, log_format format) {
    std::string to;
    append_line(to, r, r, format);
    return to;
}

}  // namespace

TEST(record, a_json_line_has_exactly_these_keys) {
    EXPECT_EQ(
        line(forwarded(), log_format::json),
        R"({"time":"2026-11-24T09:30:00.123Z","id":"00000000000004d2","listener":"127.0.0.1:8444",)"
        R"("client":{"ip":"127.0.0.1","port":5555},"sni":"localhost","alpn":"",)"
        R"("tls":{"version":"TLSv1.3","cipher":"TLS_AES_128_GCM_SHA256","group":"X25519","resumed":false,)"
        R"("handshake_ms":1.234},"client_cert":null,"upstream":{"name":"web","peer":"127.0.0.1:9001","connect_ms":0.201},)"
        R"("bytes":{"in":123,"out":456},"duration_ms":12.345,"offered":null,"alert":null,)"
        R"("close":{"by":"client","phase":"relay","reason":"closed","detail":""}})"
        "\n");
}

TEST(record, what_did_not_come_to_be_is_null_and_no_key_is_missing) {
    auto r = forwarded();
    r.tls.reset();
    r.upstream.reset();
    const auto text = line(r, log_format::json);
    EXPECT_EQ(json_at(text, "/tls"), "null");
    EXPECT_EQ(json_at(text, "/upstream"), "null");
    EXPECT_EQ(json_keys(text, ""), json_keys(line(forwarded(), log_format::json), ""));
}

TEST(record, a_clients_certificate_is_told_with_its_verdict) {
    using kind = certs::client_certificate::name::kind;
    certs::client_certificate alice;
    alice.verify_result = X509_V_ERR_CERT_HAS_EXPIRED;
    alice.subject = "CN=alice";
    alice.issuer = "CN=root \"R\"";
    alice.serial = "0A";
    alice.fingerprint.fill(0xab);
    alice.names = {{kind::cn, "alice"},
                   {kind::uri, "spiffe://a/b"},
                   {kind::dns, "a.example"},
                   {kind::dns, "\",\"verify\":\"SUCCESS"},
                   {kind::email, "a@b.example"}};
    alice.not_after = sys_days{2026y / November / 24} + 9h;
    auto r = forwarded();
    r.client_certificate = std::make_unique<const certs::client_certificate>(std::move(alice));
    const auto text = line(r, log_format::json);
    std::string digits;
    for (int i = 0; i < 32; ++i) digits += "ab";
    EXPECT_NE(text.find(R"("client_cert":{"verify":"FAILED:certificate has expired","subject":"CN=alice",)"
                        R"("issuer":"CN=root \"R\"","serial":"0A","sha256":")" +
                        digits +
                        R"(","san_dns":["a.example","\",\"verify\":\"SUCCESS"],"san_uri":["spiffe://a/b"],)"
                        R"("not_after":"2026-11-24T09:00:00.000Z"},"upstream")"),
              std::string::npos)
        << text;
    EXPECT_EQ(json_at(text, "/client_cert/san_dns/1"), "\",\"verify\":\"SUCCESS");
    EXPECT_EQ(line(r, log_format::text), line(forwarded(), log_format::text)) << "text lines are as they were";
}

TEST(record, numbers_at_their_limits_are_still_json) {
    auto r = forwarded();
    r.id = ~0ULL;
    r.bytes_in = ~0ULL;
    r.lasted = hours(24 * 365);
    const auto text = line(r, log_format::json);
    EXPECT_EQ(json_at(text, "/id"), "ffffffffffffffff");
    EXPECT_EQ(json_at(text, "/bytes/in"), "18446744073709551615");
    EXPECT_EQ(json_at(text, "/close/reason"), "closed");
}

TEST(record, a_name_with_every_byte_in_it_stays_one_json_string) {
    auto r = forwarded();
    r.sni.clear();
    for (int c = 0; c < 256; ++c) r.sni += static_cast<char>(c);
    r.alpn = "\",\"sni\":\"forged";
    r.detail = "a\nb";
    const auto text = line(r, log_format::json);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_EQ(json_at(text, "/sni").substr(0, 128), r.sni.substr(0, 128));
    EXPECT_EQ(json_at(text, "/alpn"), r.alpn);
    EXPECT_EQ(json_at(text, "/close/detail"), r.detail);
    EXPECT_EQ(json_keys(text, ""), json_keys(line(forwarded(), log_format::json), ""));
}

TEST(record, a_text_line_is_as_the_header_says) {
    EXPECT_EQ(line(forwarded(), log_format::text),
              "127.0.0.1:5555 [2026-11-24T09:30:00.123Z] 127.0.0.1:8444 \"localhost\" "
              "TLSv1.3/TLS_AES_128_GCM_SHA256/X25519 web/127.0.0.1:9001 in=123 out=456 time=0.012 handshake=0.001 "
              "resumed=. alpn=\"\" connect=0.000 close=client/relay/closed \"\" id=00000000000004d2\n");
}

TEST(record, a_text_line_has_a_dash_for_what_did_not_come_to_be) {
    auto r = forwarded();
    r.client_ip = "::1";
    r.sni.clear();
    r.tls.reset();
    r.upstream.reset();
    r.during = phase::hello;
    r.why = reason::plain_http;
    EXPECT_EQ(line(r, log_format::text),
              "[::1]:5555 [2026-11-24T09:30:00.123Z] 127.0.0.1:8444 \"\" - - in=123 out=456 time=0.012 "
              "close=client/hello/plain_http \"\" id=00000000000004d2\n");
}

TEST(record, a_failed_handshake_tells_in_json_what_was_tried) {
    auto r = failed();
    const auto text = line(r, log_format::json);
    EXPECT_NE(text.find(R"("offered":{"versions":["TLSv1.2","TLSv1.3"],"alpn":["h2","a\"b"]},)"
                        R"("alert":{"by":"client","number":48,"name":"unknown_ca"},"close":{"by":"client",)"
                        R"("phase":"handshake","reason":"peer_alert")"),
              std::string::npos)
        << text;
    EXPECT_EQ(json_keys(text, ""), json_keys(line(forwarded(), log_format::json), ""));
    r.versions.reset();
    EXPECT_EQ(json_at(line(r, log_format::json), "/offered"), "null");
}

TEST(record, a_failed_handshake_tells_in_text_what_was_tried) {
    auto r = failed();
    certs::client_certificate alice;
    alice.subject = "CN=alice";
    alice.issuer = "CN=\"root\"";
    alice.serial = "0A";
    r.client_certificate = std::make_unique<const certs::client_certificate>(std::move(alice));
    EXPECT_EQ(line(r, log_format::text),
              "127.0.0.1:5555 [2026-11-24T09:30:00.123Z] 127.0.0.1:8444 \"localhost\" - - in=0 out=0 time=0.012 "
              "offered=TLSv1.2,TLSv1.3 offered_alpn=\"h2,a\\x22b\" alert=client/unknown_ca/48 client_cert=\"CN=alice\" "
              "issuer=\"CN=\\x22root\\x22\" serial=0A sha256=" +
                  std::string(64, '0') + " close=client/handshake/peer_alert \"\" id=00000000000004d2\n");
}

TEST(record, a_name_cannot_forge_a_text_line) {
    auto r = forwarded();
    r.sni = "a\" - -\n127.0.0.1";
    const auto text = line(r, log_format::text);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_NE(text.find("\"a\\x22 - -\\x0A127.0.0.1\""), std::string::npos);
}
