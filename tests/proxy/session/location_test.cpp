#include "proxy/session/location.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;
using config::destination;

namespace {

config::server with_locations(const std::vector<std::pair<std::string, bool>>& paths) {
    config::server s;
    for (const auto& [path, exact] : paths) {
        config::location l;
        l.path = path;
        l.exact = exact;
        l.proxy_pass.type = destination::kind::http;
        s.locations.push_back(l);
    }
    return s;
}

std::string chosen(const config::server& s, std::string_view path) {
    const auto* at = choose_location(s, path);
    return at == nullptr ? "none" : (at->exact ? "= " : "") + at->path;
}

// Servers 0 (a.example) and 1 (b.example, the default is 0) on one address.
struct two_servers {
    snapshot all;
    listen_address at;

    two_servers() {
        for (const char* name : {"a.example", "b.example"}) {
            config::server s;
            s.server_name = {name};
            s.ssl.emplace();
            s.proxy_pass.type = destination::kind::http;
            at.names.add(name, all.settings.servers.size());
            at.servers.push_back(all.settings.servers.size());
            all.settings.servers.push_back(s);
        }
    }
    config::server& b() { return all.settings.servers[1]; }
    [[nodiscard]] std::string choose(std::size_t of_connection, std::string_view host) const {
        const auto found = choose_server(all, at, of_connection, host);
        return found ? std::to_string(*found) : std::string(to_string(found.error().why));
    }
};

}  // namespace

TEST(location, the_longest_prefix_wins_and_an_exact_path_before_it) {
    const auto s = with_locations({{"/", false}, {"/a", false}, {"/a/b/", false}, {"/a/b/c", true}});
    EXPECT_EQ(chosen(s, "/"), "/");
    EXPECT_EQ(chosen(s, "/x"), "/");
    EXPECT_EQ(chosen(s, "/abc"), "/a");
    EXPECT_EQ(chosen(s, "/a/b"), "/a");
    EXPECT_EQ(chosen(s, "/a/b/"), "/a/b/");
    EXPECT_EQ(chosen(s, "/a/b/c"), "= /a/b/c");
    EXPECT_EQ(chosen(s, "/a/b/cd"), "/a/b/");
}

TEST(location, nothing_is_chosen_where_nothing_fits) {
    EXPECT_EQ(chosen(with_locations({{"/a", false}, {"/b", true}}), "/b/c"), "none");
    EXPECT_EQ(chosen({}, "/"), "none");
}

TEST(location, a_path_that_only_lacks_its_slash_is_redirected) {
    const auto s = with_locations({{"/", false}, {"/app/", false}, {"/own", false}, {"/own/", false}});
    const auto lacks = [&](std::string_view path) { return lacks_slash(s, choose_location(s, path), path); };
    EXPECT_TRUE(lacks("/app"));
    EXPECT_FALSE(lacks("/app/"));
    EXPECT_FALSE(lacks("/apple"));
    EXPECT_FALSE(lacks("/own")) << "it has a location of its own";
    EXPECT_EQ(with_slash("/app?x=1", "/app"), "/app/?x=1");
    EXPECT_EQ(with_slash("/app", "/app"), "/app/");
}

TEST(location, the_redirect_to_a_slash_stays_on_this_host) {
    EXPECT_EQ(with_slash("//evil.example/../app?x=//y", "/app"), "/app/?x=//y");
    EXPECT_EQ(with_slash("/\\evil.example/%2e%2e/a%20b", "/a b"), "/a%20b/");
}

TEST(location, a_redirect_to_a_path_stays_on_this_host) {
    EXPECT_EQ(on_this_host("/a//b"), "/a//b");
    EXPECT_EQ(on_this_host("https://b.example//a"), "https://b.example//a");
    EXPECT_EQ(on_this_host("//evil.example/a"), "/.//evil.example/a");
    EXPECT_EQ(on_this_host("/\\evil.example/a"), "/./\\evil.example/a");
}

TEST(location, the_host_chooses_the_server_and_an_unknown_one_leaves_the_handshakes) {
    const two_servers t;
    EXPECT_EQ(t.choose(0, "a.example"), "0");
    EXPECT_EQ(t.choose(0, "b.example"), "1");
    EXPECT_EQ(t.choose(0, "B.Example.:8443"), "1");
    EXPECT_EQ(t.choose(1, "nobody.example"), "1");
    EXPECT_EQ(t.choose(1, ""), "1");
}

TEST(location, a_server_that_guards_its_clients_otherwise_is_not_reached_by_its_host) {
    const std::vector<void (*)(config::server&)> changes{
        [](config::server& s) { s.ssl->protocols = {config::protocol::tls_1_3}; },
        [](config::server& s) { s.ssl->verify_client = config::verify_mode::on; },
        [](config::server& s) { s.ssl->client_certificate = "/ca.crt"; },
        [](config::server& s) { s.ssl->trusted_certificate = "/ca.crt"; },
        [](config::server& s) { s.ssl->crl = "/a.crl"; },
        [](config::server& s) { s.allow = {{.cn = "alice"}}; },
        [](config::server& s) { s.client_cert_chain_header = true; },
        [](config::server& s) { s.ssl->verify_depth = 3; },
        [](config::server& s) { s.ssl->reject_handshake = true; },
        [](config::server& s) { s.proxy_pass.type = destination::kind::tcp; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        two_servers t;
        changes[i](t.b());
        EXPECT_EQ(t.choose(0, "b.example"), "misdirected") << i;
        EXPECT_EQ(t.choose(1, "b.example"), "1") << i;
    }
}

TEST(location, without_a_path_in_proxy_pass_the_target_goes_on_as_received) {
    destination to;
    to.type = destination::kind::http;
    const auto s = with_locations({{"/app/", false}});
    EXPECT_EQ(upstream_target(to, &s.locations[0], "/app/%7ex/../y?q=/", "/app/y"), "/app/%7ex/../y?q=/");
    to.uri = "/";
    EXPECT_EQ(upstream_target(to, &s.locations[0], "/app/%7ex/../y?q=/", "/app/y"), "/y?q=/");
    to.uri = "/base/";
    EXPECT_EQ(upstream_target(to, &s.locations[0], "/app/a%20b%3Fc", "/app/a b?c"), "/base/a%20b%3Fc");
    EXPECT_EQ(upstream_target(to, nullptr, "/x?", "/x"), "/base/x?");
    EXPECT_EQ(upstream_target(to, nullptr, "*", "*"), "*");
}

TEST(location, a_redirect_to_https_leads_to_a_host_of_ours) {
    two_servers t;
    const auto& a = t.all.settings.servers[0];
    const auto to = [&](std::string_view port, std::string_view host, std::string_view target = "/p?q") {
        return https_location(a, t.at, port, host, target);
    };
    EXPECT_EQ(to("", "a.example"), "https://a.example/p?q");
    EXPECT_EQ(to("443", "a.example:80"), "https://a.example/p?q");
    EXPECT_EQ(to("8448", "b.example:8080"), "https://b.example:8448/p?q");
    EXPECT_EQ(to("", "evil.example"), "https://a.example/p?q");
    EXPECT_EQ(to("", ""), "https://a.example/p?q");
    EXPECT_EQ(to("", "a.example", "*"), "https://a.example/");
    t.all.settings.servers[0].server_name = {"*.example", ".example"};
    EXPECT_EQ(to("", "other.host"), "https://other.host/p?q") << "no name of ours is one to go to";
    EXPECT_EQ(to("", ""), "");
    EXPECT_EQ(https_port("https:8448"), "8448");
    EXPECT_EQ(https_port("https"), "");
}
