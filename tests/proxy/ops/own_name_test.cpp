#include "proxy/ops/own_name.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::ops;

namespace {

config::endpoint at(const std::string& host) {
    config::endpoint e;
    e.host = host;
    e.port = 9901;
    return e;
}

}  // namespace

TEST(own_name, an_address_a_name_without_a_dot_and_localhost_are_ours) {
    for (const auto* host :
         {"127.0.0.1", "127.0.0.1:9901", "[::1]", "[::1]:9901", "192.0.2.7:80", "localhost", "LOCALHOST:9901",
          "localhost.:9901", "gateway", "gateway:9901", "postern.localhost", "a.b.Localhost:1", ""})
        EXPECT_TRUE(is_own_name(host)) << host;
}

TEST(own_name, a_name_that_anybody_may_own_is_not) {
    for (const auto* host : {"example.org", "example.org:9901", "127.0.0.1.example.org", "localhost.example.org:9901",
                             "notlocalhost.org", "1.2.3.4.5", "[::1].example.org", "evil.example.", "a.notlocalhost"})
        EXPECT_FALSE(is_own_name(host)) << host;
}

TEST(own_name, only_loopback_is_loopback) {
    EXPECT_TRUE(is_loopback(at("127.0.0.1")));
    EXPECT_TRUE(is_loopback(at("127.8.0.1")));
    EXPECT_TRUE(is_loopback(at("::1")));
    EXPECT_FALSE(is_loopback(at("0.0.0.0")));
    EXPECT_FALSE(is_loopback(at("::")));
    EXPECT_FALSE(is_loopback(at("192.0.2.1")));
    auto socket = at("127.0.0.1");
    socket.type = config::endpoint::kind::unix_socket;
    EXPECT_FALSE(is_loopback(socket));
}
