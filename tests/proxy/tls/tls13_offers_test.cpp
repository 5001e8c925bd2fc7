// What is chosen from hellos that are made to order, which no client of the other tests says.
#include "hello_builder.hpp"

#include "proxy/tls/tls13_choice.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::tls;

namespace {

const certs::session_rules& rules() {
    static const certs::session_rules made = [] {
        certs::session_rules r;
        r.groups = {4588, 29, 23, 24};
        return r;
    }();
    return made;
}

tls13_terms terms() {
    tls13_terms made;
    made.suites = {0x1301, 0x1303};
    made.our_order = made.chacha_first = true;
    made.signers.emplace_back().scheme = 0x0403;
    made.rules = &rules();
    return made;
}

octets share(std::uint16_t group, std::size_t size) { return number(group, 2) + sized(octets(size, 7), 2); }

constexpr std::uint16_t grease = 0x0a0a;

octets usual(const octets& shares, const octets& more = {}) {
    return extension(43, sized(pairs({grease, 0x0304}), 1)) +
           extension(10, sized(pairs({grease, 4588, 29, 23, 30}), 2)) + extension(13, sized(pairs({0x0403}), 2)) +
           extension(51, sized(shares, 2)) + more;
}

struct answer {
    octets bytes;
    hello_result read;
    std::optional<tls13_choice> choice;
};

answer ask(const octets& extensions, const octets& ciphers = pairs({0x1301, 0x1303}), bool our_order = true) {
    answer a;
    a.bytes = record(message({.ciphers = ciphers, .extensions = extensions}));
    a.read = read_client_hello(a.bytes);
    static tls13_terms with[] = {terms(), terms()};
    with[1].our_order = false;
    if (a.read.status == hello_status::complete) a.choice = choose(a.read.hello, with[our_order ? 0 : 1]);
    return a;
}

bool chosen(const octets& extensions) { return ask(extensions).choice.has_value(); }

const octets modes = extension(45, sized(octets{1}, 1));

}  // namespace

TEST(tls13_offers, shares_that_mean_nothing_to_us_are_passed_over) {
    EXPECT_TRUE(chosen(usual(share(grease, 1) + share(30, 56) + share(29, 32))));
    EXPECT_TRUE(chosen(usual(share(29, 32) + share(23, 65))));
}

TEST(tls13_offers, a_share_of_another_group_of_ours_before_it_or_of_one_that_we_prefer_is_libssls) {
    EXPECT_FALSE(chosen(usual(share(23, 65) + share(29, 32))));
    EXPECT_FALSE(chosen(usual(share(29, 32) + share(4588, 1216))));
    EXPECT_FALSE(chosen(usual(share(29, 31))));
    EXPECT_FALSE(chosen(usual({})));
    // One of a group that the client does not list.
    EXPECT_FALSE(chosen(usual(share(24, 97) + share(29, 32))));
}

TEST(tls13_offers, more_shares_than_anybody_has_are_no_hello) {
    octets many;
    for (int i = 0; i < 64; ++i) many = many + share(30, 1);
    EXPECT_EQ(ask(usual(many)).read.status, hello_status::complete);
    EXPECT_EQ(ask(usual(many + share(29, 32))).read.status, hello_status::refused);
}

TEST(tls13_offers, tickets_are_for_who_resumes_with_a_key_exchange) {
    const auto shares = share(29, 32);
    EXPECT_FALSE(ask(usual(shares)).choice->takes_tickets);
    EXPECT_TRUE(ask(usual(shares, modes)).choice->takes_tickets);
    EXPECT_FALSE(ask(usual(shares, extension(45, sized(octets{0}, 1)))).choice->takes_tickets);
    EXPECT_TRUE(ask(usual(shares, extension(45, sized(octets{0, 1}, 1)))).choice->takes_tickets);
}

TEST(tls13_offers, what_is_malformed_is_libssls_to_refuse) {
    const auto shares = share(29, 32);
    for (const auto& more :
         {extension(45, {}), extension(45, {0}), extension(45, {1, 1, 1}), extension(5, {}), extension(5, {1, 0, 0}),
          extension(47, {}), extension(47, {0, 0}), extension(47, {0, 3, 0, 2, 1}), extension(49, {0})})
        EXPECT_FALSE(chosen(usual(shares, more))) << int{more[1]} << " of " << more.size() - 4;
    for (const auto& more :
         {extension(5, {1, 0, 0, 0, 0}), extension(5, {2}), extension(47, {0, 3, 0, 1, 1}), extension(49, {})})
        EXPECT_TRUE(chosen(usual(shares, more))) << int{more[1]} << " of " << more.size() - 4;
}

TEST(tls13_offers, a_staple_is_for_who_asks_for_one_by_whatever_responder) {
    const auto shares = share(29, 32);
    EXPECT_FALSE(ask(usual(shares)).choice->wants_staple);
    EXPECT_FALSE(ask(usual(shares, extension(5, {2}))).choice->wants_staple);
    EXPECT_TRUE(ask(usual(shares, extension(5, {1, 0, 0, 0, 0}))).choice->wants_staple);
    // A responder, and an extension: only libssl reads them.
    EXPECT_FALSE(chosen(usual(shares, extension(5, {1, 0, 3, 0, 1, 7, 0, 0}))));
    EXPECT_FALSE(chosen(usual(shares, extension(5, {1, 0, 0, 0, 1, 7}))));
}

TEST(tls13_offers, a_key_needs_its_modes_and_must_be_the_only_one) {
    const auto shares = share(29, 32);
    const auto one = ask(usual(shares, modes + pre_shared_key({1, 2, 3})));
    ASSERT_TRUE(one.choice && one.choice->resumes);
    EXPECT_EQ(octets(one.choice->resumes->ticket.begin(), one.choice->resumes->ticket.end()), (octets{1, 2, 3}));
    EXPECT_EQ(one.choice->resumes->binder.size(), 32U);
    // All but the binders and their length (RFC 8446 section 4.2.11.2).
    EXPECT_EQ(one.choice->resumes->bound, one.read.hello.message.size() - 2 - 33);
    EXPECT_FALSE(chosen(usual(shares, pre_shared_key({1, 2, 3}))));
    const auto identity = sized(octets{1, 2, 3}, 2) + number(0, 4);
    const auto two =
        extension(41, sized(identity + identity, 2) + sized(sized(octets(32), 1) + sized(octets(32), 1), 2));
    EXPECT_FALSE(chosen(usual(shares, modes + two)));
    EXPECT_FALSE(chosen(usual(shares, modes + extension(42, {}) + pre_shared_key({1, 2, 3})))) << "early data";
}

TEST(tls13_offers, chacha_counts_as_first_behind_what_is_no_suite) {
    const auto shares = share(29, 32);
    const auto suite = [&](const octets& ciphers) { return ask(usual(shares), ciphers).choice->suite->id; };
    EXPECT_EQ(suite(pairs({0x1301, 0x1303})), 0x1301);
    EXPECT_EQ(suite(pairs({0x1303, 0x1301})), 0x1303);
    EXPECT_EQ(suite(pairs({grease, 0x00ff, 0x5600, 0x1303, 0x1301})), 0x1303);
    EXPECT_EQ(suite(pairs({0xcca9, 0x1303, 0x1301})), 0x1303);
    EXPECT_EQ(suite(pairs({0xc02b, 0x1303, 0x1301})), 0x1301);
    EXPECT_EQ(ask(usual(shares), pairs({0x1303, 0x1301}), false).choice->suite->id, 0x1303);
}
