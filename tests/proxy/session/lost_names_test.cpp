// Which names a reload leaves without a certificate.
#include "proxy/session/lost_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;
using testing::ElementsAre;

namespace {

using names = std::vector<std::string>;

struct a_server {
    names asked;
    names certified;  // none: it has no certificate
};

// At one address.
snapshot serving(const std::vector<a_server>& servers, std::uint16_t port = 443) {
    snapshot made;
    auto& at = made.addresses.emplace_back();
    at.endpoint.host = "127.0.0.1";
    at.endpoint.port = port;
    for (const auto& [asked, certified] : servers) {
        at.servers.push_back(made.settings.servers.size());
        made.settings.servers.emplace_back().server_name = asked;
        auto& of_server = made.identities.emplace_back();
        if (certified.empty()) continue;
        auto one = std::make_shared<certs::identity>();
        one->names = certified;
        of_server.push_back(std::move(one));
    }
    return made;
}

// Of the first server.
names lost(const snapshot& before, const snapshot& now) {
    const auto all = find_lost_names(before, now);
    for (const auto& one : all) EXPECT_EQ(one.server, 0U);
    return all.empty() ? names() : all.front().names;
}

}  // namespace

TEST(lost_names, a_new_certificate_for_the_same_names_loses_none) {
    const names all{"a.example", "b.example"};
    EXPECT_THAT(lost(serving({{all, all}}), serving({{all, all}})), ElementsAre());
    EXPECT_THAT(lost(serving({{all, all}}), serving({{all, {"B.Example.", "*.example"}}})), ElementsAre());
}

TEST(lost_names, a_name_of_the_server_that_the_certificate_is_no_longer_for_is_lost) {
    const names all{"a.example", "b.example"};
    EXPECT_THAT(lost(serving({{all, all}}), serving({{all, {"a.example", "c.example"}}})), ElementsAre("b.example"));
    EXPECT_THAT(lost(serving({{all, {"*.example"}}}), serving({{all, {"*.b.example"}}})),
                ElementsAre("a.example", "b.example"));
}

TEST(lost_names, a_name_that_no_certificate_was_for_is_not_lost) {
    EXPECT_THAT(
        lost(serving({{{"a.example", "www.*"}, {"b.example"}}}), serving({{{"a.example", "www.*"}, {"c.example"}}})),
        ElementsAre());
}

TEST(lost_names, a_server_without_a_name_has_those_of_its_certificates) {
    EXPECT_THAT(lost(serving({{{}, {"a.example", "b.example"}}}), serving({{{}, {"b.example"}}})),
                ElementsAre("a.example"));
}

TEST(lost_names, a_wildcard_of_a_server_wants_a_wildcard) {
    EXPECT_THAT(lost(serving({{{"*.a.example"}, {"*.a.example"}}}), serving({{{"*.a.example"}, {"www.a.example"}}})),
                ElementsAre("*.a.example"));
    EXPECT_THAT(
        lost(serving({{{".a.example"}, {"a.example", "*.a.example"}}}), serving({{{".a.example"}, {"*.a.example"}}})),
        ElementsAre("a.example"));
}

TEST(lost_names, servers_are_the_same_by_address_and_name) {
    const a_server a{{"a.example"}, {"a.example"}}, other{{"a.example"}, {"x.example"}};
    EXPECT_THAT(lost(serving({{{"b.example"}, {"b.example"}}, a}), serving({other})), ElementsAre("a.example"));
    EXPECT_THAT(lost(serving({a}), serving({other}, 444)), ElementsAre());
    EXPECT_THAT(lost(serving({a}), serving({{{"c.example"}, {"x.example"}}})), ElementsAre());
}

TEST(lost_names, a_server_that_ends_no_tls_any_more_loses_none) {
    EXPECT_THAT(lost(serving({{{"a.example"}, {"a.example"}}}), serving({{{"a.example"}, {}}})), ElementsAre());
}
