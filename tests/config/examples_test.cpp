// The configurations that must work as they stand.
#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::ElementsAre;

namespace {

document example(const std::string& name) { return load(std::string(EXAMPLES) + "/" + name); }

}  // namespace

TEST(examples, tcp_is_read_without_a_problem) {
    const auto doc = example("tcp.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.servers.at(0).proxy_pass.type, destination::kind::tcp);
}

TEST(examples, http_is_read_without_a_problem) {
    const auto doc = example("http.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.servers.at(0).ssl->session_cache,
              (session_cache{session_cache::kind::shared, "", 10U << 20}));
}

TEST(examples, vhosts_is_read_without_a_problem) {
    const auto doc = example("vhosts.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    ASSERT_EQ(doc.settings.servers.size(), 3U);
    EXPECT_EQ(doc.settings.servers[1].ssl->certificate.size(), 2U);
    EXPECT_EQ(doc.settings.servers[2].ssl->verify_client, verify_mode::on);
}

TEST(examples, full_is_read_without_a_problem) {
    const auto doc = example("full.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    EXPECT_EQ(doc.settings.limits.connections, 20000U);
    ASSERT_EQ(doc.settings.upstreams.size(), 2U);
    EXPECT_EQ(doc.settings.upstreams[0].proxy_connect_timeout, std::chrono::seconds(2));
    EXPECT_EQ(doc.settings.servers.at(1).locations.size(), 2U);
}
