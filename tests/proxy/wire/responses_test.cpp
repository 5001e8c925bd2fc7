// Responses as a backend sent them, and what a client receives of them: the table, and every way that a row can arrive.
#include "tests/proxy/wire/exchange.hpp"

#include <gtest/gtest.h>

namespace postern::wire {
namespace {

using namespace std::string_literals;

struct response_row {
    std::string name;
    std::string raw;
    outcome expected;
    std::string method = "GET";
    bool to_the_end = false;  // nothing can come behind it on this connection
};

std::ostream& operator<<(std::ostream& out, const response_row& r) { return out << r.name; }

constexpr const char* next_response = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

class responses : public testing::TestWithParam<response_row> {};

TEST_P(responses, mean_one_thing_however_they_arrive) {
    const auto& [name, raw, expected, method, to_the_end] = GetParam();
    ASSERT_EQ(forward_response({raw}, method), expected);
    EXPECT_EQ(forward_response(byte_by_byte(raw), method), expected);
    for (std::size_t at = 1; at < raw.size(); ++at)
        ASSERT_EQ(forward_response({raw.substr(0, at), raw.substr(at)}, method), expected) << at;
    if (to_the_end) return;
    auto with_next = expected;
    if (expected.status == 0) with_next.left = next_response;
    EXPECT_EQ(forward_response({raw + next_response}, method), with_next);
    EXPECT_EQ(forward_response(byte_by_byte(raw + next_response), method), with_next);
}

std::string name_of(const testing::TestParamInfo<response_row>& info) { return info.param.name; }

outcome sent(const std::string& all) { return {all, 0, {}, {}}; }
outcome bad(const std::string& why) { return refused(502, why); }

// A response with these headers and this behind them.
std::string ok(const std::string& headers, const std::string& body = "") {
    return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
}
std::string encoded(const std::string& value) { return ok("Transfer-Encoding:" + value + "\r\n", "0\r\n\r\n"); }
std::string chunked(const std::string& body) { return ok("Transfer-Encoding: chunked\r\n", body); }

INSTANTIATE_TEST_SUITE_P(
    plain, responses,
    testing::Values(
        response_row{"a_response_is_passed_on", ok("Server: a\r\nContent-Length: 3\r\nset-cookie: b\r\n", "abc"),
                     sent(ok("Server: a\r\nset-cookie: b\r\nContent-Length: 3\r\n", "abc"))},
        response_row{"an_empty_body_is_passed_on", ok("Content-Length: 0\r\n"), sent(ok("Content-Length: 0\r\n"))},
        response_row{"a_body_in_chunks_is_passed_on",
                     chunked("3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nETag: c\r\nSet-Cookie: d\r\n\r\n"),
                     sent(chunked("5\r\nabcde\r\n0\r\nETag: c\r\n\r\n"))},
        response_row{"trailers_stay_announced_where_they_are_sent",
                     ok("Trailer: ETag\r\nTransfer-Encoding: chunked\r\n", "0\r\nETag: a\r\n\r\n"),
                     sent(ok("Trailer: ETag\r\nTransfer-Encoding: chunked\r\n", "0\r\nETag: a\r\n\r\n"))},
        response_row{"trailers_are_not_announced_where_none_are_sent",
                     ok("Trailer: ETag\r\nContent-Length: 1\r\n", "a"), sent(ok("Content-Length: 1\r\n", "a"))},
        response_row{"a_body_to_the_end_goes_on_in_chunks", ok("A: b\r\n", "abc"),
                     sent(ok("A: b\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n")), "GET", true},
        response_row{"an_empty_body_to_the_end_goes_on_in_chunks", ok(""),
                     sent(ok("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")), "GET", true},
        response_row{"http_1_0_becomes_1_1", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
                     sent(ok("Content-Length: 1\r\n", "a"))},
        response_row{"a_reason_is_passed_on", "HTTP/1.1 404 Not (\xc3\xa4) Found\r\nContent-Length: 0\r\n\r\n",
                     sent("HTTP/1.1 404 Not (\xc3\xa4) Found\r\nContent-Length: 0\r\n\r\n")},
        response_row{"a_reason_may_be_empty", "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n",
                     sent("HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n")},
        response_row{"a_reason_may_be_missing_with_its_space", "HTTP/1.0 599\r\nA: b\r\nContent-Length: 0\r\n\r\n",
                     sent("HTTP/1.1 599 \r\nA: b\r\nContent-Length: 0\r\n\r\n")},
        response_row{"what_concerns_the_connection_goes",
                     ok("Connection: keep-alive, a\r\nKeep-Alive: 5\r\nA: b\r\nProxy-Connection: c\r\nUpgrade: h2c\r\n"
                        "Content-Length: 0\r\nTE: d\r\nWWW-Authenticate: e\r\nProxy-Authenticate: f\r\n"),
                     sent(ok("WWW-Authenticate: e\r\nProxy-Authenticate: f\r\nContent-Length: 0\r\n"))},
        response_row{"continue_is_passed_on", "HTTP/1.1 100 Continue\r\n\r\n", sent("HTTP/1.1 100 Continue\r\n\r\n")},
        response_row{"early_hints_are_passed_on", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                     sent("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")},
        response_row{"an_upgrade_is_passed_on",
                     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nA: b\r\n\r\n",
                     sent("HTTP/1.1 101 Switching Protocols\r\nA: b\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                          "\r\n")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    without_body, responses,
    testing::Values(
        response_row{"an_answer_to_head_tells_the_length_and_has_no_body", ok("Content-Length: 3\r\n"),
                     sent(ok("Content-Length: 3\r\n")), "HEAD"},
        response_row{"an_answer_to_head_may_have_chunks_in_mind", ok("Transfer-Encoding: chunked\r\n"), sent(ok("")),
                     "HEAD"},
        response_row{"an_answer_to_head_may_tell_no_length", ok("A: b\r\n"), sent(ok("A: b\r\n")), "HEAD"},
        response_row{"head_has_cases", ok("Content-Length: 3\r\n", "abc"), sent(ok("Content-Length: 3\r\n", "abc")),
                     "head"},
        response_row{"a_304_tells_the_length_and_has_no_body",
                     "HTTP/1.1 304 Not Modified\r\nContent-Length: 003\r\nETag: a\r\n\r\n",
                     sent("HTTP/1.1 304 Not Modified\r\nETag: a\r\nContent-Length: 3\r\n\r\n")},
        response_row{"a_204_has_no_body_and_no_length", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
                     sent("HTTP/1.1 204 No Content\r\n\r\n")},
        response_row{"a_204_with_a_length_has_no_body", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
                     sent("HTTP/1.1 204 No Content\r\n\r\n")},
        response_row{"a_204_with_chunks_has_no_body", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
                     sent("HTTP/1.1 204 No Content\r\n\r\n")},
        response_row{"a_100_with_a_length_has_no_body", "HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\n",
                     sent("HTTP/1.1 100 Continue\r\n\r\n")},
        response_row{"a_205_has_a_body_if_it_says_so", "HTTP/1.1 205 Reset Content\r\nContent-Length: 1\r\n\r\na",
                     sent("HTTP/1.1 205 Reset Content\r\nContent-Length: 1\r\n\r\na")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    refused, responses,
    testing::Values(
        response_row{"a_bare_lf_is_refused", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", bad("bare LF")},
        response_row{"a_bare_cr_is_refused", ok("A: b\rSet-Cookie: c\r\n"), bad("bare CR")},
        response_row{"a_bare_cr_in_a_reason_is_refused", "HTTP/1.1 200 OK\rA: b\r\n\r\n", bad("bare CR")},
        response_row{"nul_in_a_reason_is_refused", "HTTP/1.1 200 O\0K\r\n\r\n"s, bad("NUL")},
        response_row{"nul_in_a_value_is_refused", ok("A: \0\r\n"s), bad("NUL")},
        response_row{"a_folded_line_is_refused", ok("A: b\r\n c\r\n"), bad("folded line")},
        response_row{"a_space_before_the_colon_is_refused", ok("Content-Length : 3\r\n", "abc"),
                     bad("white space before the colon")},
        response_row{"an_empty_name_is_refused", ok(": a\r\n"), bad("empty header name")},
        response_row{"a_line_without_a_colon_is_refused", ok("a\r\n"), bad("header line without a colon")},
        response_row{"an_empty_line_before_a_response_is_refused", "\r\nHTTP/1.1 200 OK\r\n\r\n",
                     bad("no status line")},
        response_row{"a_response_of_http_0_9_is_refused", "<html>", bad("no status line")},
        response_row{"a_request_is_refused", "GET / HTTP/1.1\r\n\r\n", bad("no status line")},
        response_row{"http_2_is_refused", "HTTP/2.0 200 OK\r\n\r\n", bad("no status line")},
        response_row{"http_1_2_is_refused", "HTTP/1.2 200 OK\r\n\r\n", bad("unknown version")},
        response_row{"a_version_in_small_letters_is_refused", "http/1.1 200 OK\r\n\r\n", bad("no status line")},
        response_row{"two_spaces_before_the_status_are_refused", "HTTP/1.1  200 OK\r\n\r\n", bad("bad status")},
        response_row{"a_tab_before_the_status_is_refused", "HTTP/1.1\t200 OK\r\n\r\n", bad("bad status line")},
        response_row{"a_status_of_two_digits_is_refused", "HTTP/1.1 20 OK\r\n\r\n", bad("bad status")},
        response_row{"a_status_of_four_digits_is_refused", "HTTP/1.1 2000 OK\r\n\r\n", bad("bad status")},
        response_row{"a_status_below_100_is_refused", "HTTP/1.1 099 OK\r\n\r\n", bad("bad status")},
        response_row{"a_status_over_599_is_refused", "HTTP/1.1 600 OK\r\n\r\n", bad("bad status")},
        response_row{"a_tab_behind_the_status_is_refused", "HTTP/1.1 200\tOK\r\n\r\n", bad("bad status")},
        response_row{"a_length_and_chunks_are_refused", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
                     bad("Transfer-Encoding and Content-Length")},
        response_row{"chunks_and_a_length_are_refused", ok("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
                     bad("Transfer-Encoding and Content-Length")},
        response_row{"a_length_and_another_coding_are_refused", ok("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"),
                     bad("Transfer-Encoding and Content-Length")},
        response_row{"two_equal_lengths_are_refused", ok("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
                     bad("two Content-Length headers")},
        response_row{"two_lengths_are_refused", ok("Content-Length: 3\r\nContent-Length: 0\r\n", "abc"),
                     bad("two Content-Length headers")},
        response_row{"a_list_of_lengths_is_refused", ok("Content-Length: 3, 3\r\n", "abc"), bad("bad Content-Length")},
        response_row{"a_negative_length_is_refused", ok("Content-Length: -1\r\n"), bad("bad Content-Length")},
        response_row{"a_length_of_2_to_64_is_refused", ok("Content-Length: 18446744073709551616\r\n"),
                     bad("bad Content-Length")},
        response_row{"two_lengths_in_answer_to_head_are_refused", ok("Content-Length: 3\r\nContent-Length: 3\r\n"),
                     bad("two Content-Length headers"), "HEAD"},
        response_row{"chunked_twice_is_refused", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                     bad("two Transfer-Encoding headers")},
        response_row{"another_coding_is_refused", encoded(" gzip, chunked"), bad("unknown transfer coding")},
        response_row{"identity_is_refused", encoded(" identity"), bad("bad Transfer-Encoding")},
        response_row{"xchunked_is_refused", encoded(" xchunked"), bad("bad Transfer-Encoding")},
        response_row{"chunks_in_http_1_0_are_refused", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     bad("Transfer-Encoding in HTTP/1.0")},
        response_row{"an_upgrade_without_a_protocol_is_refused",
                     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n", bad("101 without a protocol")},
        response_row{"a_connection_that_is_no_list_is_refused", ok("Connection: a b\r\n"), bad("bad Connection")},
        response_row{"a_bad_chunk_is_refused", chunked("x\r\n"), bad("bad chunk size")},
        response_row{"an_lf_in_a_chunk_extension_is_refused", chunked("1;a=\"\n\"\r\nb\r\n0\r\n\r\n"), bad("bare LF")},
        response_row{"a_bad_trailer_is_refused", chunked("0\r\nA : b\r\n\r\n"), bad("white space before the colon")}),
    name_of);

}  // namespace
}  // namespace postern::wire
