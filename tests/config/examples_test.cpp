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

TEST(examples, http_keys_is_read_without_a_problem) {
    const auto doc = example("http_keys.yaml");
    EXPECT_THAT(doc.problems, ElementsAre());
    const auto& s = doc.settings;
    ASSERT_EQ(s.trusted_proxies.size(), 3U);
    EXPECT_TRUE(s.trusted_proxies[0].contains("10.1.2.3"));
    EXPECT_EQ(s.upstreams.at(0).keepalive_timeout, std::chrono::seconds(30));
    EXPECT_EQ(s.upstreams.at(0).keepalive_requests, 500U);
    EXPECT_EQ(to_string(*s.servers.at(0).return_), "301 https://$host:8449$request_uri");
    const auto& server = s.servers.at(1);
    EXPECT_EQ(server.plain_http, plain_http::redirect);
    EXPECT_EQ(server.hsts, std::chrono::hours(365 * 24));
    EXPECT_EQ(server.client_max_body_size, 10U << 20);
    EXPECT_EQ(server.large_client_header_buffers, (header_buffers{4, 8192}));
    EXPECT_TRUE(server.forwarded);
    ASSERT_EQ(server.proxy_set_header.size(), 4U);
    EXPECT_EQ(server.proxy_set_header[2].name, "X-TLS");
    EXPECT_EQ(to_string(server.proxy_set_header[2].value), "$ssl_protocol $ssl_cipher");
    EXPECT_EQ(server.proxy_set_header[3], (header_template{"Accept-Encoding", {}}));
    ASSERT_EQ(server.locations.size(), 5U);
    EXPECT_TRUE(server.locations[0].exact);
    EXPECT_EQ(server.locations[0].path, "/healthz");
    EXPECT_EQ(server.locations[1].return_->code, 302U);
    EXPECT_EQ(server.locations[2].return_->code, close_unanswered);
    const auto& upload = server.locations[3];
    EXPECT_EQ(upload.client_max_body_size, 0U);
    EXPECT_EQ(upload.proxy_connect_timeout, std::chrono::seconds(5));
    EXPECT_EQ(upload.proxy_set_header->size(), 1U);
    EXPECT_TRUE(upload.add_header && upload.add_header->empty()) << "no header, not the server's";
    EXPECT_FALSE(server.locations[4].proxy_set_header) << "the server's";
}
