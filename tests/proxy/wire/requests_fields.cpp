// Hosts, connections and what else is said about the way of a request.
#include "tests/proxy/wire/requests.hpp"

namespace postern::wire {
namespace {

std::string with(const std::string& headers) { return "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n"; }
outcome sent_with(const std::string& headers, const std::string& rest = "") {
    return sent("GET / HTTP/1.1\r\nHost: a\r\n" + headers, rest + "\r\n");
}
std::string to_host(const std::string& host) { return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"; }
outcome sent_to(const std::string& host, const std::string& target = "/") {
    return sent("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n", "\r\n", host);
}
std::string to_target(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    hosts, requests,
    testing::Values(
        row{"a_host_goes_on_as_received", to_host("WWW.Example.:8443"), sent_to("WWW.Example.:8443")},
        row{"a_host_may_be_an_address", to_host("192.0.2.7:80"), sent_to("192.0.2.7:80")},
        row{"a_host_may_be_an_ipv6_address", to_host("[2001:db8::1]:443"), sent_to("[2001:db8::1]:443")},
        row{"a_host_may_have_an_empty_port", to_host("a:"), sent_to("a:")},
        row{"no_host_is_refused", "GET / HTTP/1.1\r\nA: b\r\n\r\n", refused(400, "no Host header")},
        row{"no_header_at_all_is_refused", "GET / HTTP/1.1\r\n\r\n", refused(400, "no Host header")},
        row{"two_hosts_are_refused", with("Host: b\r\n"), refused(400, "two Host headers")},
        row{"two_equal_hosts_are_refused", with("host: a\r\n"), refused(400, "two Host headers")},
        row{"two_hosts_of_http_1_0_are_refused", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
            refused(400, "two Host headers")},
        row{"an_empty_host_is_refused", to_host(""), refused(400, "bad Host header")},
        row{"an_empty_host_of_http_1_0_is_refused", "GET / HTTP/1.0\r\nHost:\r\n\r\n", refused(400, "bad Host header")},
        row{"a_host_with_a_space_is_refused", to_host("a b"), refused(400, "bad Host header")},
        row{"a_list_of_hosts_is_refused", to_host("a, b"), refused(400, "bad Host header")},
        row{"a_list_of_hosts_without_a_space_is_refused", to_host("a,b"), refused(400, "bad Host header")},
        row{"a_host_with_a_path_is_refused", to_host("a/b"), refused(400, "bad Host header")},
        row{"a_host_with_a_query_is_refused", to_host("a?b"), refused(400, "bad Host header")},
        row{"a_host_with_a_user_is_refused", to_host("b@a"), refused(400, "bad Host header")},
        row{"a_host_with_a_scheme_is_refused", to_host("http://a"), refused(400, "bad Host header")},
        row{"a_host_with_a_port_in_words_is_refused", to_host("a:b"), refused(400, "bad Host header")},
        row{"a_host_with_a_port_over_65535_is_refused", to_host("a:65536"), refused(400, "bad Host header")},
        row{"a_host_with_two_ports_is_refused", to_host("a:80:80"), refused(400, "bad Host header")},
        row{"a_host_in_other_letters_is_refused", to_host("\xc3\xa4"), refused(400, "bad Host header")},
        row{"a_host_with_an_open_bracket_is_refused", to_host("[::1"), refused(400, "bad Host header")},
        row{"a_host_that_connection_names_stays", with("Connection: Host\r\n"), sent_with("")},
        row{"an_absolute_target_goes_before_host", to_target("http://b.example:80/c?d"),
            sent_to("b.example:80", "/c?d")},
        row{"an_absolute_target_may_be_of_https_in_capitals", to_target("HTTPS://b/"), sent_to("b")},
        row{"an_absolute_target_may_have_no_path", to_target("http://b"), sent_to("b")},
        row{"an_absolute_target_may_have_a_query_alone", to_target("http://b?c/d"), sent_to("b", "/?c/d")},
        row{"an_absolute_target_needs_a_host_beside_it", "GET http://b/ HTTP/1.1\r\n\r\n",
            refused(400, "no Host header")},
        row{"an_absolute_target_needs_a_valid_host_beside_it", "GET http://b/ HTTP/1.1\r\nHost: a/\r\n\r\n",
            refused(400, "bad Host header")},
        row{"an_absolute_target_has_but_one_host_beside_it", "GET http://b/ HTTP/1.1\r\nHost: b\r\nHost: b\r\n\r\n",
            refused(400, "two Host headers")},
        row{"an_absolute_target_of_http_1_0_needs_none", "GET http://b/ HTTP/1.0\r\n\r\n", sent_to("b")},
        row{"an_absolute_target_with_a_user_is_refused", to_target("http://a@b/"),
            refused(400, "user information in the target")},
        row{"an_absolute_target_without_a_host_is_refused", to_target("http:///a"),
            refused(400, "bad host in the target")},
        row{"an_absolute_target_with_a_bad_port_is_refused", to_target("http://b:x/"),
            refused(400, "bad host in the target")},
        row{"an_absolute_target_with_a_backslash_is_refused", to_target("http://b\\c/"),
            refused(400, "bad host in the target")},
        row{"an_absolute_target_of_another_scheme_is_refused", to_target("ftp://b/"), refused(400, "bad target")},
        row{"an_absolute_target_with_one_slash_is_refused", to_target("http:/b"), refused(400, "bad target")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    connections, requests,
    testing::Values(
        row{"what_concerns_the_connection_goes",
            with("Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nTE: trailers\r\n"
                 "Trailer: A\r\nHTTP2-Settings: b\r\nUpgrade: c\r\nAccept: d\r\n"),
            sent_with("Accept: d\r\n")},
        row{"what_connection_names_goes", with("A: b\r\nConnection: close, a\r\nC: d\r\n"), sent_with("C: d\r\n")},
        row{"what_two_connections_name_goes", with("A: b\r\nConnection: a\r\nC: d\r\nCONNECTION: ,c ,\r\n"),
            sent_with("")},
        row{"what_connection_names_goes_as_often_as_it_is_there", with("A: b\r\nConnection: A\r\nA: c\r\n"),
            sent_with("")},
        row{"connection_takes_away_nothing_that_we_say",
            with("Connection: X-Forwarded-For, X-Forwarded-Proto, X-Real-IP, Host\r\n"), sent_with("")},
        row{"a_connection_that_is_no_list_of_tokens_is_refused", with("Connection: a b\r\n"),
            refused(400, "bad Connection")},
        row{"thirty_three_options_are_refused",
            with("Connection: a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a\r\n"),
            refused(400, "too many Connection options")},
        row{"names_with_an_underscore_that_we_say_go",
            with("X_Forwarded_For: 1.1.1.1\r\nX-Forwarded_Proto: http\r\nx_real_ip: 1.1.1.1\r\nA_B: c\r\n"),
            sent_with("A_B: c\r\n")},
        row{"names_with_an_underscore_that_concern_the_connection_go",
            with("Keep_Alive: 5\r\nProxy_Connection: a\r\nTransfer_Encoding: chunked\r\nContent_Length: 7\r\n"),
            sent_with("")},
        row{"what_a_stranger_says_about_its_client_goes",
            with("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: b\r\n"
                 "X-Forwarded-Port: 80\r\nX-Real-IP: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\n"),
            sent_with("")},
        row{"an_unknown_expectation_is_refused", with("Expect: 200-ok\r\n"), refused(417, "unknown expectation")},
        row{"an_empty_expectation_goes", with("Expect:\r\n"), sent_with("")},
        row{"an_empty_expectation_beside_another_goes", with("Expect:\r\nExpect: 100-continue\r\n"),
            sent_with("Expect: 100-continue\r\n")},
        row{"an_expectation_twice_is_one", with("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
            sent_with("Expect: 100-continue\r\nExpect: 100-continue\r\n")},
        row{"a_list_of_expectations_is_refused", with("Expect: 100-continue, a\r\n"),
            refused(417, "unknown expectation")},
        row{"proxy_authenticate_is_passed_on", with("Proxy-Authenticate: a\r\nProxy-Authorization: b\r\n"),
            sent_with("Proxy-Authenticate: a\r\nProxy-Authorization: b\r\n")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    upgrades, requests,
    testing::Values(
        row{"an_upgrade_is_passed_on",
            with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"),
            sent_with("Sec-WebSocket-Version: 13\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n")},
        row{"an_upgrade_may_have_a_version", with("Connection: upgrade\r\nUpgrade: a/1.0\r\n"),
            sent_with("", "Connection: upgrade\r\nUpgrade: a/1.0\r\n")},
        row{"an_upgrade_that_connection_does_not_name_goes", with("Upgrade: websocket\r\n"), sent_with("")},
        row{"an_upgrade_without_a_protocol_goes", with("Connection: upgrade\r\n"), sent_with("")},
        row{"an_upgrade_to_h2c_goes",
            with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: H2c\r\nHTTP2-Settings: AAMAAABk\r\n"), sent_with("")},
        row{"an_upgrade_to_a_version_of_h2c_goes", with("Connection: upgrade\r\nUpgrade: H2C/1\r\n"), sent_with("")},
        row{"an_upgrade_to_one_of_two_goes", with("Connection: upgrade\r\nUpgrade: websocket, h2c\r\n"), sent_with("")},
        row{"an_upgrade_in_two_headers_goes", with("Connection: upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n"),
            sent_with("")},
        row{"an_upgrade_with_a_body_goes",
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nb",
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 1\r\n\r\nb")},
        row{"an_upgrade_with_chunks_goes",
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: b\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n",
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
        row{"an_upgrade_with_an_empty_body_is_passed_on",
            with("Connection: upgrade\r\nUpgrade: b\r\nContent-Length: 0\r\n"),
            sent_with("", "Content-Length: 0\r\nConnection: upgrade\r\nUpgrade: b\r\n")},
        row{"an_upgrade_of_http_1_0_goes",
            "GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", sent_with("")}),
    name_of);

}  // namespace postern::wire
