// Bodies in chunks: sizes, extensions and trailers, where a proxy and a backend may count differently.
#include "tests/proxy/wire/requests.hpp"

namespace postern::wire {
namespace {

std::string chunked(const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

outcome sent_chunks(const std::string& body) {
    return sent("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n" + body);
}

// A chunk of "abc" whose line is this, and the end.
std::string sized(const std::string& line) { return chunked(line + "abc\r\n0\r\n\r\n"); }
outcome three() { return sent_chunks("3\r\nabc\r\n0\r\n\r\n"); }

// "abc", and then trailers.
std::string trailed(const std::string& trailers) { return chunked("3\r\nabc\r\n0\r\n" + trailers + "\r\n"); }
outcome three_and(const std::string& trailers) { return sent_chunks("3\r\nabc\r\n0\r\n" + trailers + "\r\n"); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    chunk_sizes, requests,
    testing::Values(
        row{"sizes_are_hex_in_both_cases", chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
            sent_chunks("14\r\n01234567890123456789\r\n0\r\n\r\n")},
        row{"zeros_before_a_size_mean_nothing", sized("0000003\r\n"), three()},
        row{"sixteen_digits_are_a_size", sized("0000000000000003\r\n"), three()},
        row{"many_zeros_are_the_last_chunk", chunked("3\r\nabc\r\n0000\r\n\r\n"), three()},
        row{"a_chunk_may_hold_anything", chunked("a\r\n\r\n0\r\n\r\n\0\n:\r\n0\r\n\r\n"s),
            sent_chunks("a\r\n\r\n0\r\n\r\n\0\n:\r\n0\r\n\r\n"s)},
        row{"more_zeros_than_sixteen_mean_nothing_either", sized(std::string(1022, '0') + "3\r\n"), three()},
        row{"a_size_of_1024_digits_is_refused", sized(std::string(1023, '0') + "3\r\n"),
            refused(400, "chunk size too long")},
        row{"zeros_before_a_size_of_2_to_63_are_no_way_past_it", sized("0008000000000000000\r\n"),
            refused(400, "chunk size too large")},
        row{"a_size_of_2_to_64_and_3_is_refused", sized("10000000000000003\r\n"), refused(400, "chunk size too large")},
        row{"a_size_of_2_to_64_less_1_is_refused", sized("FFFFFFFFFFFFFFFF\r\n"), refused(400, "chunk size too large")},
        row{"a_size_of_2_to_63_is_refused", sized("8000000000000000\r\n"), refused(400, "chunk size too large")},
        row{"an_empty_size_is_refused", sized("\r\n"), refused(400, "bad chunk size")},
        row{"a_size_of_an_extension_alone_is_refused", sized(";a\r\n"), refused(400, "bad chunk size")},
        row{"a_size_with_0x_is_refused", sized("0x3\r\n"), refused(400, "bad chunk size")},
        row{"a_size_with_a_plus_is_refused", sized("+3\r\n"), refused(400, "bad chunk size")},
        row{"a_negative_size_is_refused", sized("-3\r\n"), refused(400, "bad chunk size")},
        row{"a_size_with_an_underscore_is_refused", sized("0_3\r\n"), refused(400, "bad chunk size")},
        row{"a_size_that_ends_in_another_letter_is_refused", sized("3g\r\n"), refused(400, "bad chunk size")},
        row{"a_space_before_a_size_is_refused", sized(" 3\r\n"), refused(400, "bad chunk size")},
        row{"a_tab_before_a_size_is_refused", sized("\t3\r\n"), refused(400, "bad chunk size")},
        row{"a_space_behind_a_size_is_refused", sized("3 \r\n"), refused(400, "bad chunk size")},
        row{"a_word_behind_a_size_is_refused", sized("3 a\r\n"), refused(400, "bad chunk size")},
        row{"a_vertical_tab_behind_a_size_is_refused", sized("3\x0b\r\n"),
            refused(400, "control character in a chunk extension")},
        row{"nul_behind_a_size_is_refused", sized("3\0\r\n"s), refused(400, "control character in a chunk extension")},
        row{"a_bare_lf_behind_a_size_is_refused", sized("3\n"), refused(400, "bare LF")},
        row{"a_bare_cr_behind_a_size_is_refused", sized("3\rX"), refused(400, "bare CR")},
        row{"two_crs_behind_a_size_are_refused", sized("3\r\r\n"), refused(400, "bare CR")},
        row{"a_size_too_small_is_refused", chunked("2\r\nabc\r\n0\r\n\r\n"), refused(400, "no CRLF behind a chunk")},
        row{"a_size_too_large_is_refused", chunked("4\r\nabc\r\n0\r\n\r\n"), refused(400, "bare LF")},
        row{"a_bare_lf_behind_a_chunk_is_refused", chunked("3\r\nabc\n0\r\n\r\n"), refused(400, "bare LF")},
        row{"a_bare_cr_behind_a_chunk_is_refused", chunked("3\r\nabc\r0\r\n\r\n"), refused(400, "bare CR")},
        row{"two_bytes_that_are_no_crlf_behind_a_chunk_are_refused", chunked("3\r\nabcXX0\r\n\r\n"),
            refused(400, "no CRLF behind a chunk")},
        row{"an_empty_line_between_chunks_is_refused", chunked("3\r\nabc\r\n\r\n0\r\n\r\n"),
            refused(400, "bad chunk size")},
        row{"a_bare_lf_behind_the_last_size_is_refused", chunked("3\r\nabc\r\n0\n\r\n"), refused(400, "bare LF")},
        row{"a_bare_lf_that_ends_a_body_is_refused", chunked("3\r\nabc\r\n0\r\n\n"), refused(400, "bare LF")},
        row{"a_bare_cr_that_ends_a_body_is_refused", chunked("3\r\nabc\r\n0\r\n\rX"), refused(400, "bare CR")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    chunk_extensions, requests,
    testing::Values(row{"an_extension_goes", sized("3;a\r\n"), three()},
                    row{"an_extension_with_a_value_goes", sized("3;a=b;c=d\r\n"), three()},
                    row{"an_extension_in_quotes_goes", sized("3;a=\"b ;,\xc3\xa4\"\r\n"), three()},
                    row{"a_quote_may_be_escaped", sized("3;a=\"\\\"\\\\\";b\r\n"), three()},
                    row{"white_space_around_an_extension_goes", sized("3 \t; a = b\r\n"), three()},
                    row{"an_extension_of_the_last_chunk_goes", chunked("3\r\nabc\r\n0;a=b\r\n\r\n"), three()},
                    row{"an_empty_extension_goes", sized("3;\r\n"), three()},
                    row{"an_lf_in_an_extension_is_refused", sized("3;a\nb\r\n"), refused(400, "bare LF")},
                    row{"an_lf_behind_an_extension_is_refused", sized("3;\n"), refused(400, "bare LF")},
                    row{"an_lf_in_quotes_is_refused", sized("3;a=\"\n\"\r\n"), refused(400, "bare LF")},
                    row{"an_escaped_lf_is_refused", sized("3;a=\"\\\n\"\r\n"), refused(400, "bare LF")},
                    row{"a_crlf_in_quotes_is_refused", sized("3;a=\"\r\n\"\r\n"),
                        refused(400, "line end in a chunk extension's quotes")},
                    row{"an_escaped_crlf_is_refused", sized("3;a=\"\\\r\n\"\r\n"),
                        refused(400, "line end in a chunk extension's quotes")},
                    row{"quotes_that_do_not_end_are_refused", sized("3;a=\"b\r\n"),
                        refused(400, "line end in a chunk extension's quotes")},
                    row{"a_bare_cr_in_an_extension_is_refused", sized("3;a\rb\r\n"), refused(400, "bare CR")},
                    row{"nul_in_an_extension_is_refused", sized("3;a\0\r\n"s),
                        refused(400, "control character in a chunk extension")},
                    row{"nul_in_quotes_is_refused", sized("3;a=\"\0\"\r\n"s),
                        refused(400, "control character in a chunk extension")},
                    row{"a_byte_over_127_outside_quotes_is_refused", sized("3;\xc3\xa4\r\n"),
                        refused(400, "bad chunk extension")},
                    row{"a_size_line_of_1024_bytes_is_read", sized("3;" + std::string(1021, 'a') + "\r\n"), three()},
                    row{"a_size_line_of_1025_bytes_is_refused", sized("3;" + std::string(1022, 'a') + "\r\n"),
                        refused(400, "chunk extension too long")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    trailers, requests,
    testing::Values(
        row{"trailers_are_passed_on", trailed("A: b\r\nETag:\t\"c\" \r\n"), three_and("A: b\r\nETag: \"c\"\r\n")},
        row{"equal_trailers_stay_two", trailed("A: b\r\nA: b\r\n"), three_and("A: b\r\nA: b\r\n")},
        row{"a_length_in_a_trailer_goes", trailed("Content-Length: 9\r\nA: b\r\n"), three_and("A: b\r\n")},
        row{"a_bad_length_in_a_trailer_is_refused", trailed("Content-Length: 3, x\r\n"),
            refused(400, "bad Content-Length")},
        row{"a_coding_in_a_trailer_goes", trailed("Transfer-Encoding: chunked\r\nTransfer_Encoding: chunked\r\n"),
            three_and("")},
        row{"a_host_in_a_trailer_goes", trailed("Host: b\r\nhost: c\r\n"), three_and("")},
        row{"credentials_in_a_trailer_go",
            trailed("Authorization: b\r\nCookie: c\r\nSet-Cookie: d\r\nProxy-Authorization: e\r\n"), three_and("")},
        row{"what_we_say_goes_from_a_trailer",
            trailed("X-Forwarded-For: 1.1.1.1\r\nX_Forwarded_Proto: http\r\nX-Real_IP: 1.1.1.1\r\nForwarded: for=b\r\n"
                    "X-FORWARDED-ANYTHING: c\r\n"),
            three_and("")},
        row{"what_the_content_is_goes_from_a_trailer",
            trailed("Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Range: bytes 0-1/2\r\n"),
            three_and("")},
        row{"what_concerns_the_connection_goes_from_a_trailer",
            trailed(
                "Connection: close\r\nKeep-Alive: 5\r\nTE: b\r\nUpgrade: h2c\r\nTrailer: A\r\nProxy-Connection: c\r\n"),
            three_and("")},
        row{"conditions_go_from_a_trailer", trailed("If-Match: *\r\nRange: bytes=0-\r\nExpect: 100-continue\r\n"),
            three_and("")},
        row{"a_folded_trailer_is_refused", trailed("A: b\r\n c\r\n"), refused(400, "folded line")},
        row{"a_trailer_that_begins_with_white_space_is_refused", trailed(" A: b\r\n"), refused(400, "folded line")},
        row{"a_trailer_with_a_space_before_the_colon_is_refused", trailed("A : b\r\n"),
            refused(400, "white space before the colon")},
        row{"a_trailer_with_a_bare_lf_is_refused", trailed("A: b\nC: d\r\n"), refused(400, "bare LF")},
        row{"a_trailer_with_a_bare_cr_is_refused", trailed("A: b\rC: d\r\n"), refused(400, "bare CR")},
        row{"a_trailer_with_nul_is_refused", trailed("A: b\0\r\n"s), refused(400, "NUL")},
        row{"a_trailer_without_a_name_is_refused", trailed(": b\r\n"), refused(400, "empty header name")},
        row{"a_request_for_a_trailer_is_refused", trailed("GET /b HTTP/1.1\r\nHost: b\r\n"),
            refused(400, "white space before the colon")}),
    name_of);

}  // namespace postern::wire
