#include "proxy/session/snapshot.hpp"

#include "certs/make.hpp"
#include "proxy/session/route.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace postern;
using namespace postern::session;

namespace {

namespace fs = std::filesystem;

struct snapshot_test : testing::Test {
    fs::path folder = fs::temp_directory_path() / ("postern-snapshot-" + std::to_string(::getpid()));
    certs::library library;
    certs::development_authority authority;

    void SetUp() override {
        fs::create_directories(folder);
        write("site", {"localhost"});
        write("other", {"other.example.org"});
    }
    void TearDown() override { fs::remove_all(folder); }

    void write(const std::string& name, const std::vector<std::string>& names) const {
        certs::leaf_request request;
        request.names = names;
        const auto made = authority.issue(request);
        std::ofstream(folder / (name + ".crt")) << made.certificate;
        std::ofstream(folder / (name + ".key")) << made.key;
        fs::permissions(folder / (name + ".key"), fs::perms::owner_read | fs::perms::owner_write);
    }

    config::document parse(const std::string& yaml) const {
        return config::parse(yaml, (folder / "postern.yaml").string());
    }

    loaded load(const std::string& yaml) const {
        return make_snapshot(parse(yaml), certs::made_tickets(1'000'000), library);
    }

    // The server that this name reaches on 127.0.0.1:8443.
    static std::size_t server_for(const snapshot& all, const std::string& name) {
        const auto* at = all.find({config::endpoint::kind::tcp, "127.0.0.1", 8443, {}});
        const auto to = choose(all, *at, name);
        return to ? to->server : 999;
    }
};

const std::string three_servers = R"(servers:
  - listen: 127.0.0.1:8443
    server_name: a.example.org
    ssl: {certificate: site.crt, certificate_key: site.key}
    proxy_pass: tcp://127.0.0.1:1
  - listen: 127.0.0.1:8443
    server_name: ["*.example.org", www.*]
    ssl: {certificate: other.crt, certificate_key: other.key}
    proxy_pass: tcp://127.0.0.1:2
  - listen: 127.0.0.1:8443
    default_server: on
    ssl: {reject_handshake: on}
)";

}  // namespace

TEST_F(snapshot_test, a_name_reaches_the_server_that_nginx_would_choose) {
    const auto l = load(three_servers);
    ASSERT_TRUE(l.made);
    EXPECT_EQ(server_for(*l.made, "a.example.org"), 0U);
    EXPECT_EQ(server_for(*l.made, "b.example.org"), 1U);
    EXPECT_EQ(server_for(*l.made, "www.example.net"), 1U);
}

TEST_F(snapshot_test, an_unknown_name_and_no_name_reach_the_default_server_which_may_reject_them) {
    const auto l = load(three_servers);
    ASSERT_TRUE(l.made);
    const auto& at = l.made->addresses.front();
    for (const char* name : {"", "example.com"}) {
        const auto to = choose(*l.made, at, name);
        ASSERT_FALSE(to);
        EXPECT_EQ(to.error().why, reason::unknown_sni);
        EXPECT_EQ(to.error().by, party::client);
    }
}

TEST_F(snapshot_test, without_a_default_the_first_server_of_the_address_is_it) {
    const auto l = load(R"(servers:
  - {listen: 127.0.0.1:8443, server_name: a.example.org, ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "tcp://127.0.0.1:1"}
  - {listen: 127.0.0.1:8443, server_name: b.example.org, ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "tcp://127.0.0.1:1"}
)");
    ASSERT_TRUE(l.made);
    EXPECT_EQ(server_for(*l.made, "c.example.org"), 0U);
}

TEST_F(snapshot_test, what_is_wrong_with_a_file_is_told_at_the_place_that_names_it) {
    const auto l = load(R"(servers:
  - listen: 127.0.0.1:8443
    ssl:
      certificate: site.crt
      certificate_key: other.key
    proxy_pass: tcp://127.0.0.1:1
)");
    EXPECT_FALSE(l.made);
    ASSERT_EQ(l.problems.size(), 1U);
    EXPECT_EQ(l.problems[0].key, "servers[0].ssl.certificate_key[0]");
    EXPECT_EQ(l.problems[0].where.line, 5);
    EXPECT_EQ(l.problems[0].where.column, 24);
}

TEST_F(snapshot_test, what_is_wrong_with_ticket_keys_is_told_at_the_place_that_names_their_file) {
    std::ofstream(folder / "tickets.key") << std::string(79, 'x');
    const auto l = load(R"(tls: {session_ticket_secret: [missing.secret]}
servers:
  - listen: 127.0.0.1:8443
    ssl:
      certificate: site.crt
      certificate_key: site.key
      session_ticket_key: [tickets.key]
    proxy_pass: tcp://127.0.0.1:1
)");
    EXPECT_FALSE(l.made);
    std::vector<std::string> told;
    for (const auto& p : l.problems)
        if (p.level == config::severity::error)
            told.push_back(p.key + " " + std::to_string(p.where.line) + ":" + std::to_string(p.where.column));
    EXPECT_EQ(told, (std::vector<std::string>{"tls.session_ticket_secret[0] 1:31",
                                              "servers[0].ssl.session_ticket_key[0] 7:28"}));
}

TEST_F(snapshot_test, all_problems_of_all_servers_are_told_at_once) {
    const auto l = load(R"(servers:
  - {listen: 127.0.0.1:1, ssl: {certificate: missing.crt, certificate_key: site.key}, proxy_pass: "tcp://127.0.0.1:1"}
  - {listen: 127.0.0.1:2, ssl: {certificate: site.crt, certificate_key: site.key, ecdh_curve: nonsense}, proxy_pass: "tcp://127.0.0.1:1"}
  - {listen: "name.example:3", ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "tcp://127.0.0.1:1"}
)");
    EXPECT_FALSE(l.made);
    ASSERT_EQ(l.problems.size(), 3U);
    EXPECT_EQ(l.problems[0].key, "servers[0].ssl.certificate[0]");
    EXPECT_EQ(l.problems[1].key, "servers[1].ssl.ecdh_curve");
    EXPECT_EQ(l.problems[2].key, "servers[2].listen");
}

TEST_F(snapshot_test, whom_clients_are_trusted_by_is_read_once_for_all_servers_that_name_the_same_files) {
    const auto l = load(R"(servers:
  - {listen: 127.0.0.1:1, ssl: {certificate: site.crt, certificate_key: site.key, client_certificate: site.crt, verify_client: on}, proxy_pass: "http://127.0.0.1:1"}
  - {listen: 127.0.0.1:2, ssl: {certificate: site.crt, certificate_key: site.key, client_certificate: site.crt, verify_client: optional}, proxy_pass: "http://127.0.0.1:1"}
  - {listen: 127.0.0.1:3, ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "http://127.0.0.1:1"}
)");
    ASSERT_TRUE(l.made);
    ASSERT_TRUE(l.made->trust[0]);
    EXPECT_EQ(l.made->trust[0]->named.size(), 1U);
    EXPECT_EQ(l.made->trust[0], l.made->trust[1]);
    EXPECT_FALSE(l.made->trust[2]);
}

TEST_F(snapshot_test, what_is_wrong_with_an_authority_is_told_at_the_place_that_names_it) {
    const auto l = load(R"(servers:
  - listen: 127.0.0.1:8443
    ssl:
      certificate: site.crt
      certificate_key: site.key
      client_certificate: site.key
      crl: site.crt
      verify_client: on
    proxy_pass: tcp://127.0.0.1:1
)");
    EXPECT_FALSE(l.made);
    ASSERT_EQ(l.problems.size(), 2U);
    EXPECT_EQ(l.problems[0].key, "servers[0].ssl.client_certificate");
    EXPECT_EQ(l.problems[0].where.line, 6);
    EXPECT_EQ(l.problems[0].where.column, 7);
    EXPECT_EQ(l.problems[1].key, "servers[0].ssl.crl");
    EXPECT_EQ(l.problems[1].where.line, 7);
}

TEST_F(snapshot_test, a_server_that_tells_of_chains_resumes_nothing) {
    const auto l = load(R"(servers:
  - listen: 127.0.0.1:1
    ssl:
      certificate: site.crt
      certificate_key: site.key
      client_certificate: site.crt
      verify_client: on
      session_cache: shared:1m
    client_cert_header: on
    client_cert_chain_header: on
    proxy_pass: http://127.0.0.1:1
)");
    ASSERT_TRUE(l.made);
    const auto& ssl = *l.made->settings.servers[0].ssl;
    EXPECT_FALSE(ssl.session_tickets);
    EXPECT_EQ(ssl.session_cache.type, config::session_cache::kind::off);
    EXPECT_FALSE(l.made->caches[0]);
}

TEST_F(snapshot_test, offers_of_clients_are_kept_only_where_some_text_tells_of_them) {
    const auto telling = [&](const std::string& key) {
        const auto l = load(
            "servers:\n  - listen: 127.0.0.1:1\n    ssl: {certificate: site.crt, certificate_key: site.key}\n" + key);
        EXPECT_TRUE(l.made);
        return l.made && l.made->tells_offers;
    };
    const std::string pass = "    proxy_pass: http://127.0.0.1:1\n";
    EXPECT_FALSE(telling(pass + "    proxy_set_header: {A: $ssl_protocol$ssl_client_s_dn}\n"));
    EXPECT_TRUE(telling(pass + "    proxy_set_header: {A: \"x$ssl_ciphers\"}\n"));
    EXPECT_TRUE(telling(pass + "    add_header: {A: $ssl_curves}\n"));
    EXPECT_TRUE(telling("    return: 200 $ssl_session_id\n"));
    EXPECT_TRUE(telling("    locations: [{path: /, return: 200 $ssl_client_sigalg}]\n"));
}

TEST_F(snapshot_test, http_servers_offer_http_by_alpn_unless_told_otherwise) {
    const auto l = load(R"(servers:
  - {listen: 127.0.0.1:1, ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "http://127.0.0.1:1"}
  - {listen: 127.0.0.1:2, ssl: {certificate: site.crt, certificate_key: site.key, alpn: foo}, proxy_pass: "http://127.0.0.1:1"}
  - {listen: 127.0.0.1:3, ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "tcp://127.0.0.1:1"}
  - {listen: 127.0.0.1:4, redirect: https}
)");
    ASSERT_TRUE(l.made);
    const auto& servers = l.made->settings.servers;
    EXPECT_EQ(servers[0].ssl->alpn, (std::vector<std::string>{"http/1.1", "http/1.0"}));
    EXPECT_EQ(servers[1].ssl->alpn, std::vector<std::string>{"foo"});
    EXPECT_TRUE(servers[2].ssl->alpn.empty());
    EXPECT_FALSE(servers[3].ssl);
}

TEST_F(snapshot_test, a_hello_begins_a_resumption_only_with_a_ticket_by_a_key_of_ours_where_tickets_are_served) {
    const auto l = load(R"(servers:
  - {listen: 127.0.0.1:8443, ssl: {certificate: site.crt, certificate_key: site.key}, proxy_pass: "tcp://127.0.0.1:1"}
  - listen: 127.0.0.1:8444
    ssl: {certificate: site.crt, certificate_key: site.key, session_tickets: off}
    proxy_pass: tcp://127.0.0.1:1
)");
    ASSERT_TRUE(l.made);
    const auto& tickets = l.made->tickets;
    const auto keys = tickets.keys();
    const auto name = tickets.of(0, keys)->sealing().name();
    std::vector<std::uint8_t> ticket(name.begin(), name.end());
    const auto begins = [&](std::size_t server) {
        tls::client_hello hello;
        hello.offers_resumption = true;
        hello.ticket = ticket;
        return first_step(tickets.of(server, keys).get(), hello);
    };
    EXPECT_EQ(begins(0), tls::handshake_step::full);  // a name and nothing behind it
    ticket.resize(200);
    EXPECT_EQ(begins(0), tls::handshake_step::resume);
    EXPECT_EQ(begins(1), tls::handshake_step::full);
    ticket[15] ^= 1;
    EXPECT_EQ(begins(0), tls::handshake_step::full);
    ticket.clear();
    EXPECT_EQ(begins(0), tls::handshake_step::full);
}
