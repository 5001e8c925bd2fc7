#include "proxy/upstream/address.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include <netinet/in.h>
#include <sys/un.h>

namespace postern::upstream {
namespace {

config::endpoint tcp(std::string host, std::uint16_t port) {
    return {config::endpoint::kind::tcp, std::move(host), port, {}};
}

config::endpoint unix_path(std::string path) { return {config::endpoint::kind::unix_socket, {}, 0, std::move(path)}; }

TEST(address, prints_as_an_operator_writes_it) {
    EXPECT_EQ(to_address(tcp("127.0.0.1", 80))->text(), "127.0.0.1:80");
    EXPECT_EQ(to_address(tcp("::1", 80))->text(), "[::1]:80");
    EXPECT_EQ(to_address(tcp("", 443))->text(), "0.0.0.0:443");
    EXPECT_EQ(to_address(unix_path("/run/app.sock"))->text(), "unix:/run/app.sock");
}

TEST(address, of_a_name_does_not_exist) {
    EXPECT_EQ(to_address(tcp("localhost", 80)), std::nullopt);
    EXPECT_EQ(to_address(tcp("127.0.0.1.example", 80)), std::nullopt);
}

TEST(address, of_a_path_must_fit_the_kernel) {
    EXPECT_EQ(to_address(unix_path(std::string(107, 'p')))->host(), std::string(107, 'p'));
    EXPECT_EQ(to_address(unix_path(std::string(108, 'p'))), std::nullopt);
}

TEST(address, survives_a_round_trip_through_the_kernels_form) {
    for (const auto& e : {tcp("192.0.2.1", 8080), tcp("2001:db8::1", 1), unix_path("/run/app.sock")}) {
        const auto before = *to_address(e);
        const address after(*before.data());
        EXPECT_EQ(after, before);
        EXPECT_EQ(after.text(), config::to_string(e));
        EXPECT_EQ(after.size(), before.size());
    }
}

TEST(address, differs_by_host_port_and_family) {
    const auto one = *to_address(tcp("127.0.0.1", 80));
    EXPECT_NE(one, *to_address(tcp("127.0.0.2", 80)));
    EXPECT_NE(one, *to_address(tcp("127.0.0.1", 81)));
    EXPECT_NE(one, *to_address(tcp("::1", 80)));
    EXPECT_NE(one, *to_address(unix_path("127.0.0.1:80")));
    EXPECT_NE(one, address());
}

TEST(address, is_the_same_whatever_lies_in_its_padding) {
    sockaddr_in v4{};
    std::memset(&v4, 0x5a, sizeof v4);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(80);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(address(reinterpret_cast<const sockaddr&>(v4)), to_address(tcp("127.0.0.1", 80)));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(80);
    v6.sin6_addr = in6addr_loopback;
    v6.sin6_flowinfo = htonl(0x12345);
    EXPECT_EQ(address(reinterpret_cast<const sockaddr&>(v6)), to_address(tcp("::1", 80)));
}

TEST(address, keeps_the_interface_of_a_link_local_one) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr.s6_addr[0] = 0xfe;
    v6.sin6_addr.s6_addr[1] = 0x80;
    v6.sin6_scope_id = 2;
    const address made(reinterpret_cast<const sockaddr&>(v6));
    EXPECT_EQ(reinterpret_cast<const sockaddr_in6*>(made.data())->sin6_scope_id, 2u);
}

TEST(address, takes_another_port) {
    EXPECT_EQ(to_address(tcp("127.0.0.1", 0))->with_port(81), *to_address(tcp("127.0.0.1", 81)));
    EXPECT_EQ(to_address(tcp("::1", 0))->with_port(81), *to_address(tcp("::1", 81)));
    EXPECT_EQ(to_address(unix_path("/a"))->with_port(81), *to_address(unix_path("/a")));
}

TEST(address, of_an_unknown_family_is_none) {
    sockaddr_storage other{};
    other.ss_family = AF_PACKET;
    EXPECT_EQ(address(reinterpret_cast<const sockaddr&>(other)), address());
    sockaddr_un unnamed{};
    unnamed.sun_family = AF_UNIX;
    EXPECT_EQ(address(reinterpret_cast<const sockaddr&>(unnamed)).text(), "unix:");
}

}  // namespace
}  // namespace postern::upstream
