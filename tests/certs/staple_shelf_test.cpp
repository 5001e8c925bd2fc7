// From a worker's shelf to its clients, in whole handshakes.
#include "certs/staple_shelf.hpp"

#include "tests/certs/ocsp_authority.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

namespace postern::certs::testing {
namespace {

std::time_t clock_shows = 0;

// What the client was sent; nothing: no staple.
std::optional<der> stapled(SSL_CTX* server, int version, bool asks = true, const char* algorithms = nullptr,
                           std::string name = {}) {
    const client from(version);
    if (algorithms != nullptr) SSL_CTX_set1_sigalgs_list(from.context(), algorithms);
    talk with(from, server);
    if (asks) SSL_set_tlsext_status_type(with.client_end(), TLSEXT_STATUSTYPE_ocsp);
    // SSL_set_tlsext_host_name, which is a macro with a cast of its own.
    if (!name.empty())
        SSL_ctrl(with.client_end(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    EXPECT_TRUE(with.handshake()) << with.client_error() << " / " << with.server_error();
    const unsigned char* bytes = nullptr;
    const long length = SSL_get_tlsext_status_ocsp_resp(with.client_end(), &bytes);
    if (bytes == nullptr || length < 0) return std::nullopt;
    return der(bytes, bytes + length);
}

staple_ptr good(der response, std::chrono::seconds left = 1h) {
    auto made = std::make_shared<staple>();
    made->response = std::move(response);
    made->next_update = std::chrono::system_clock::from_time_t(clock_shows) + left;
    return made;
}

struct shelf : ::testing::TestWithParam<int> {
    const library in;
    const certified root = certify("root", nullptr);
    const certified ec = certify("localhost", &root);
    const certified rsa = certify("localhost", &root, {}, "RSA");
    config::ssl settings;
    staple_shelf staples;
    std::vector<staple_order_ptr> orders;

    void SetUp() override {
        clock_shows = 1'000'000;
        settings.stapling = true;
        settings.stapling_responder = "http://ocsp.example";
        config::problems found;
        orders = make_staple_orders(settings, {identity_of(ec, root), identity_of(rsa, root)}, "",
                                    std::chrono::system_clock::now(), found);
        EXPECT_EQ(lines(found), "");
        staples.adopt({{}, orders});
    }

    server_context server(const std::vector<staple_order_ptr>& of) {
        context_plan plan;
        plan.settings = &settings;
        plan.identities = {identity_of(ec, root), identity_of(rsa, root)};
        for (const auto& order : of) plan.staples.push_back(staples.slot(order));
        plan.now = [] { return clock_shows; };
        return serve(plan, in);
    }
    std::optional<der> now(SSL_CTX* server, const char* algorithms = nullptr) const {
        return stapled(server, GetParam(), true, algorithms);
    }
};

TEST_P(shelf, a_client_that_asks_gets_the_staple_of_the_moment) {
    const auto context = server(orders);
    EXPECT_EQ(now(context.get()), std::nullopt);
    staples.put(orders[0]->id, good({1, 2, 3}));
    EXPECT_EQ(now(context.get()), (der{1, 2, 3}));
    staples.put(orders[0]->id, good({4}));
    EXPECT_EQ(now(context.get()), der{4});
    staples.put(orders[0]->id, nullptr);
    EXPECT_EQ(now(context.get()), std::nullopt);
}

TEST_P(shelf, a_client_that_does_not_ask_gets_none) {
    const auto context = server(orders);
    staples.put(orders[0]->id, good({1}));
    EXPECT_EQ(stapled(context.get(), GetParam(), false), std::nullopt);
}

TEST_P(shelf, each_certificate_has_its_own) {
    const auto context = server(orders);
    staples.put(orders[0]->id, good({1}));
    staples.put(orders[1]->id, good({2}));
    EXPECT_EQ(now(context.get(), "ECDSA+SHA256"), der{1});
    EXPECT_EQ(now(context.get(), "rsa_pss_rsae_sha256"), der{2});
    staples.put(orders[1]->id, nullptr);
    EXPECT_EQ(now(context.get(), "rsa_pss_rsae_sha256"), std::nullopt);
}

TEST_P(shelf, one_of_two_certificates_may_have_none) {
    const auto context = server({nullptr, orders[1]});
    staples.put(orders[1]->id, good({2}));
    EXPECT_EQ(now(context.get(), "ECDSA+SHA256"), std::nullopt);
    EXPECT_EQ(now(context.get(), "rsa_pss_rsae_sha256"), der{2});
}

TEST_P(shelf, a_certificate_that_its_name_chooses_has_its_own) {
    const auto other = certify("other", &root);
    context_plan plan;
    plan.settings = &settings;
    plan.identities = {identity_of(ec, root), identity_of(other, root)};
    config::problems found;
    const auto of_both = make_staple_orders(settings, plan.identities, "", std::chrono::system_clock::now(), found);
    staples.adopt({of_both});
    plan.staples = {nullptr, staples.slot(of_both[1])};
    plan.now = [] { return clock_shows; };
    const auto context = serve(plan, in);
    staples.put(of_both[1]->id, good({3}));
    EXPECT_EQ(stapled(context.get(), GetParam(), true, nullptr, "localhost"), std::nullopt);
    EXPECT_EQ(stapled(context.get(), GetParam(), true, nullptr, "other"), der{3});
}

TEST_P(shelf, an_expired_staple_is_never_sent) {
    const auto context = server(orders);
    staples.put(orders[0]->id, good({1}, 10s));
    clock_shows += 9;
    EXPECT_EQ(now(context.get()), der{1});
    clock_shows += 1;
    EXPECT_EQ(now(context.get()), std::nullopt);
}

TEST_P(shelf, a_server_without_orders_never_staples) {
    const auto context = server({});
    EXPECT_EQ(now(context.get()), std::nullopt);
}

TEST_P(shelf, a_context_outlives_the_orders_that_it_was_made_from) {
    const auto context = server(orders);
    staples.put(orders[0]->id, good({1}));
    staples.adopt({});
    staples.put(orders[0]->id, good({2}));
    EXPECT_EQ(now(context.get()), der{1});
}

TEST_P(shelf, what_lies_there_for_an_order_that_stays_goes_on_after_a_reload) {
    staples.put(orders[0]->id, good({1}));
    staples.put(orders[1]->id, good({2}));
    const auto before = server(orders);
    auto again = std::make_shared<staple_order>(*orders[0]);
    again->first = good({3});
    staples.adopt({{again}, {nullptr}});
    EXPECT_EQ(now(server({again, nullptr}).get()), der{1});
    staples.put(orders[0]->id, good({4}));
    EXPECT_EQ(now(before.get()), der{4});
}

TEST_P(shelf, what_has_been_taken_back_does_not_come_again_by_a_reload) {
    staples.put(orders[0]->id, good({1}));
    staples.put(orders[0]->id, nullptr);
    auto again = std::make_shared<staple_order>(*orders[0]);
    again->first = good({3});
    staples.adopt({{again}, {again}});
    EXPECT_EQ(staples.now(again->id), nullptr);
    EXPECT_EQ(now(server({again, nullptr}).get()), std::nullopt);
}

TEST_P(shelf, an_order_begins_with_its_first_staple) {
    auto fresh = std::make_shared<staple_order>(*orders[0]);
    fresh->id = "another";
    fresh->first = good({5});
    staples.adopt({{fresh}});
    EXPECT_EQ(now(server({fresh, nullptr}).get()), der{5});
}

TEST_P(shelf, a_files_staple_is_that_of_the_newest_file) {
    auto before = std::make_shared<staple_order>(*orders[0]);
    before->responder.reset();
    before->first = good({6});
    staples.adopt({{before}});
    auto after = std::make_shared<staple_order>(*before);
    after->first = good({7});
    staples.adopt({{after}});
    EXPECT_EQ(now(server({after, nullptr}).get()), der{7});
    after = std::make_shared<staple_order>(*before);
    after->first = nullptr;
    staples.adopt({{after}});
    EXPECT_EQ(now(server({after, nullptr}).get()), std::nullopt);
}

TEST_P(shelf, an_order_that_was_dropped_begins_anew_when_it_comes_back) {
    const auto earlier = std::make_shared<staple_order>(*orders[0]);
    earlier->first = good({9});
    staples.adopt({});
    // For a connection of before.
    EXPECT_EQ(staples.slot(earlier)->now, earlier->first);
    staples.adopt({{}, orders});
    EXPECT_EQ(staples.now(orders[0]->id), orders[0]->first);
}

INSTANTIATE_TEST_SUITE_P(both_versions, shelf, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

}  // namespace
}  // namespace postern::certs::testing
