#include "proxy/session/inventory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

namespace {

const certs::time_point then{1'700'000'000s};

struct a_configuration : testing::Test {
    snapshot of;
    certs::staple_shelf staples;

    // A server with this certificate.
    void add(const std::string& name, const std::string& serial, certs::time_point ends,
             certs::staple_order_ptr order = nullptr) {
        auto made = std::make_shared<certs::identity>();
        if (!name.empty()) made->names = {name, "other.example.org"};
        made->subject = "CN=subject";
        made->serial = serial;
        made->not_before = then;
        made->not_after = ends;
        of.settings.servers.emplace_back();
        of.identities.push_back({made});
        of.staples.push_back({std::move(order)});
        of.trust.push_back(nullptr);
        of.caches.push_back(nullptr);
    }

    static certs::staple_ptr staple(certs::time_point ends) {
        auto made = std::make_shared<certs::staple>();
        made->next_update = ends;
        return made;
    }

    static certs::staple_order_ptr order(const std::string& id, certs::staple_ptr first = nullptr) {
        auto made = std::make_shared<certs::staple_order>();
        made->id = id;
        made->first = std::move(first);
        made->responder.emplace();
        return made;
    }

    std::string text() const {
        ops::metric_sheet sheet;
        add_inventory(sheet, take_inventory(of, staples));
        return sheet.text();
    }
};

}  // namespace

TEST_F(a_configuration, tells_when_its_certificates_begin_and_end) {
    add("a.example.org", "01", then + 24h);
    add("", "02", then + 48h);  // has no name but its subject
    EXPECT_THAT(text(),
                HasSubstr("\npostern_certificate_not_after_seconds{name=\"CN=subject\",serial=\"02\"} 1700172800\n"
                          "postern_certificate_not_after_seconds{name=\"a.example.org\",serial=\"01\"} "
                          "1700086400\n"));
    EXPECT_THAT(text(), HasSubstr("\npostern_certificate_not_before_seconds{name=\"a.example.org\",serial=\"01\"} "
                                  "1700000000\n"));
    EXPECT_THAT(text(), Not(HasSubstr("\npostern_ocsp_next_update_seconds{")));
}

TEST_F(a_configuration, tells_a_certificate_once_that_two_servers_have) {
    add("a.example.org", "01", then + 24h);
    add("a.example.org", "01", then + 12h, order("x"));
    const auto all = take_inventory(of, staples).certificates;
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].not_after, then + 12h);
    EXPECT_TRUE(all[0].to_be_stapled);
}

TEST_F(a_configuration, tells_the_end_of_what_is_stapled_now) {
    add("a.example.org", "01", then, order("x", staple(then + 1h)));
    staples.adopt(of.staples);
    const auto ends = [this] { return take_inventory(of, staples).certificates.at(0).staple_ends; };
    EXPECT_EQ(ends(), then + 1h);
    staples.put("x", staple(then + 2h));
    EXPECT_EQ(ends(), then + 2h);
    staples.put("x", nullptr);
    EXPECT_EQ(ends(), std::nullopt);
    // A reload brings the same order again.
    staples.adopt(of.staples);
    EXPECT_EQ(ends(), std::nullopt);
    EXPECT_THAT(text(), HasSubstr("\npostern_ocsp_next_update_seconds{name=\"a.example.org\",serial=\"01\"} 0\n"));
}

TEST_F(a_configuration, tells_of_an_authoritys_lists_the_one_that_ends_first) {
    for (const auto end : {then + 2h, then + 1h}) {
        add("a", "01", then);
        auto trust = std::make_shared<certs::trust>();
        trust->lists = {{"CN=root", end}};
        of.trust.back() = trust;
    }
    EXPECT_THAT(text(), HasSubstr("\npostern_crl_next_update_seconds{issuer=\"CN=root\"} 1700003600\n"));
}

TEST_F(a_configuration, tells_what_a_shared_cache_was_asked_for) {
    add("a", "01", then);
    of.settings.servers[0].listen = {{config::endpoint::kind::tcp, "127.0.0.1", 443, {}}};
    of.settings.servers[0].ssl.emplace();
    of.caches[0] = std::make_shared<certs::session_cache>(1 << 20);
    const std::vector<std::uint8_t> id(32, 1);
    EXPECT_FALSE(of.caches[0]->find(id, 0));
    EXPECT_THAT(text(), HasSubstr("\npostern_tls_session_cache_misses_total{cache=\"127.0.0.1:443\"} 1\n"));
    EXPECT_THAT(text(), HasSubstr("\npostern_tls_session_cache_hits_total{cache=\"127.0.0.1:443\"} 0\n"));
}
