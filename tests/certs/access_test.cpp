// Who may come: rules, and what certificates say, as plain values.
#include "certs/access.hpp"
#include "certs/facts.hpp"

#include <gtest/gtest.h>

using namespace postern;
using certs::client_certificate;
using config::allow_rule;
using kind = client_certificate::name::kind;
using names = std::vector<client_certificate::name>;
using std::string_literals::operator""s;

namespace {

bool allowed(const allow_rule& rule, names of) {
    client_certificate client;
    client.names = std::move(of);
    return certs::is_allowed({rule}, client);
}

struct pattern_case {
    const char* pattern;
    const char* text;
    char separator;
    bool fits;
};

constexpr pattern_case patterns[] = {
    {"spiffe://example.org/web/*", "spiffe://example.org/web/a", '/', true},
    {"spiffe://example.org/web/*", "spiffe://example.org/web/", '/', false},
    {"spiffe://example.org/web/*", "spiffe://example.org/web", '/', false},
    {"spiffe://example.org/web/*", "spiffe://example.org/web/a/b", '/', false},
    {"spiffe://example.org/web/**", "spiffe://example.org/web/a/b", '/', true},
    {"spiffe://example.org/web/**", "spiffe://example.org/web/", '/', false},
    {"spiffe://example.org/*/web", "spiffe://example.org/a/web", '/', true},
    {"spiffe://example.org/*/web", "spiffe://example.org/a/b/web", '/', false},
    {"spiffe://example.org/**/web", "spiffe://example.org/a/b/web", '/', true},
    {"spiffe://example.org/**/web", "spiffe://example.org/web", '/', false},
    {"spiffe://example.org/**/web", "spiffe://example.org/a/web/b", '/', false},
    {"spiffe://example.org/**/ns/*/web", "spiffe://example.org/a/ns/b/ns/c/web", '/', true},
    {"spiffe://example.org/**/ns/*/web", "spiffe://example.org/a/ns/b/c/web", '/', false},
    {"spiffe://example.org/web-*", "spiffe://example.org/web-1", '/', true},
    {"spiffe://example.org/web-*", "spiffe://example.org/web-", '/', false},
    {"spiffe://example.org/a*b*c", "spiffe://example.org/aXbYbZc", '/', true},
    {"spiffe://example.org/a*b*c", "spiffe://example.org/abc", '/', false},
    {"spiffe://*/web", "spiffe://example.org/web", '/', true},
    {"spiffe://**", "http://example.org", '/', false},
    {"**", "anything/at/all", '/', true},
    {"**", "", '/', false},
    {"*", "one", '/', true},
    {"", "", '/', true},
    {"", "a", '/', false},
    {"***", "ab", '/', true},
    {"***", "a", '/', false},
    {"**a*", "xay/za", '/', false},
    {"**a*", "xa/yaz", '/', true},
    {"**a*/b", "a/a1/b", '/', true},
    {"*.clients.example.org", "a.clients.example.org", '.', true},
    {"*.clients.example.org", "a.b.clients.example.org", '.', false},
    {"*.clients.example.org", "clients.example.org", '.', false},
    {"*.clients.example.org", ".clients.example.org", '.', false},
    {"**.clients.example.org", "a.b.clients.example.org", '.', true},
    {"a.example.org", "axexample.org", '.', false},
};

}  // namespace

TEST(access, a_star_stays_within_a_segment_and_two_go_across) {
    for (const auto& c : patterns)
        EXPECT_EQ(certs::matches(c.pattern, c.text, c.separator), c.fits) << c.pattern << " " << c.text;
}

TEST(access, a_pattern_of_many_stars_is_decided_in_reasonable_time) {
    std::string pattern, text;
    for (int i = 0; i < 200; ++i) pattern += "**a*a";
    for (int i = 0; i < 2000; ++i) text += i % 50 == 0 ? '/' : 'a';
    EXPECT_FALSE(certs::matches(pattern + "b", text, '/'));
}

TEST(access, names_count_by_their_kind) {
    EXPECT_TRUE(allowed({.cn = "alice"}, {{kind::cn, "alice"}}));
    EXPECT_FALSE(allowed({.cn = "alice"}, {{kind::cn, "Alice"}}));
    EXPECT_FALSE(allowed({.cn = "alice"}, {{kind::ou, "alice"}}));
    EXPECT_TRUE(allowed({.ou = "web"}, {{kind::ou, "ops"}, {kind::ou, "web"}}));
    EXPECT_FALSE(allowed({.ou = "we"}, {{kind::ou, "web"}}));
    EXPECT_TRUE(allowed({.san_dns = "A.example.org"}, {{kind::dns, "a.EXAMPLE.org"}}));
    EXPECT_FALSE(allowed({.san_dns = "a.example.org"}, {{kind::cn, "a.example.org"}}));
    EXPECT_TRUE(allowed({.san_uri = "spiffe://a/b"}, {{kind::uri, "spiffe://a/b"}}));
    EXPECT_FALSE(allowed({.san_uri = "spiffe://a/b"}, {{kind::uri, "spiffe://a/B"}}));
    EXPECT_TRUE(allowed({.san_email = "Bob@Example.org"}, {{kind::email, "Bob@example.ORG"}}));
    EXPECT_FALSE(allowed({.san_email = "Bob@example.org"}, {{kind::email, "bob@example.org"}}));
    EXPECT_FALSE(allowed({.san_email = "bob"}, {{kind::email, "bob"}}));
}

TEST(access, addresses_count_by_their_network) {
    const allow_rule rule{.san_ip = config::parse_network("10.1.0.0/16")};
    EXPECT_TRUE(allowed(rule, {{kind::ip, "10.1.2.3"}}));
    EXPECT_FALSE(allowed(rule, {{kind::ip, "10.2.2.3"}}));
    EXPECT_FALSE(allowed(rule, {{kind::ip, ""}}));
    EXPECT_TRUE(allowed({.san_ip = config::parse_network("2001:db8::1")}, {{kind::ip, "2001:db8::1"}}));
}

TEST(access, a_key_counts_by_its_digest) {
    client_certificate client;
    client.key_fingerprint.fill(0xab);
    const allow_rule right{.spki_sha256 = certs::hex(client.key_fingerprint)};
    allow_rule wrong = right;
    wrong.spki_sha256.back() = '0';
    EXPECT_TRUE(certs::is_allowed({right}, client));
    EXPECT_FALSE(certs::is_allowed({wrong}, client));
}

TEST(access, one_rule_is_enough_and_all_of_it_must_hold) {
    const allow_rule both{.cn = "alice", .ou = "web"};
    EXPECT_TRUE(allowed(both, {{kind::cn, "alice"}, {kind::ou, "web"}}));
    EXPECT_FALSE(allowed(both, {{kind::cn, "alice"}}));
    client_certificate bob;
    bob.names = {{kind::cn, "bob"}};
    EXPECT_TRUE(certs::is_allowed({both, {.cn = "bob"}}, bob));
    EXPECT_FALSE(certs::is_allowed({both}, bob));
    EXPECT_FALSE(certs::is_allowed({}, bob));
    EXPECT_FALSE(certs::is_allowed({allow_rule{}}, bob)) << "a rule of nothing lets nobody in";
}

TEST(access, what_is_a_pattern_or_a_trick_in_a_certificate_matches_nothing) {
    EXPECT_FALSE(allowed({.san_dns = "*.example.org"}, {{kind::dns, "*.example.org"}}));
    EXPECT_FALSE(allowed({.san_dns = "**"}, {{kind::dns, "a.example.org\0.evil"s}}));
    EXPECT_FALSE(allowed({.cn = "alice"}, {{kind::cn, "alice\0"s}}));
    EXPECT_FALSE(allowed({.cn = "alice"}, {{kind::cn, "alice"}, {kind::cn, "mallory"}})) << "which of the two is it?";
    EXPECT_FALSE(allowed({.san_uri = "spiffe://a/web/**"}, {{kind::uri, "spiffe://a/web/../admin"}}));
    EXPECT_FALSE(allowed({.san_uri = "spiffe://a/web/**"}, {{kind::uri, "spiffe://a/web/x/.."}}));
    EXPECT_FALSE(allowed({.san_uri = "spiffe://a/**"}, {{kind::uri, "spiffe://a/./b"}}));
    EXPECT_TRUE(allowed({.san_uri = "spiffe://a/web/**"}, {{kind::uri, "spiffe://a/web/..b"}}));
    EXPECT_FALSE(allowed({.san_uri = "**"}, {{kind::uri, std::string(3000, 'a')}}));
}
