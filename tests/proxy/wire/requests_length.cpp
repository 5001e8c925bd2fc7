// How long a body is: where two servers differ about it, one of them reads a body as the next request.
#include "tests/proxy/wire/requests.hpp"

namespace postern::wire {
namespace {

std::string with(const std::string& headers, const std::string& body = "0\r\n\r\n") {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

// Transfer-Encoding with this value, and nothing else.
std::string encoded(const std::string& value) { return with("Transfer-Encoding:" + value + "\r\n"); }

std::string long_as(const std::string& value, const std::string& body = "abc") {
    return with("Content-Length:" + value + "\r\n", body);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    both_lengths, requests,
    testing::Values(
        row{"a_length_before_chunks_is_refused", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"a_length_behind_chunks_is_refused", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"a_length_of_0_beside_chunks_is_refused",
            with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n"),
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"a_length_beside_another_coding_is_refused", with("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"),
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"a_length_behind_another_coding_is_refused", with("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"a_length_beside_an_empty_coding_is_refused", with("Content-Length: 5\r\nTransfer-Encoding:\r\n", "abcde"),
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"a_length_beside_chunks_with_a_space_before_the_colon_is_refused",
            with("Content-Length: 5\r\nTransfer-Encoding : chunked\r\n"), refused(400, "white space before the colon")},
        row{"chunks_named_with_an_underscore_are_not_passed_on",
            with("Content-Length: 5\r\nTransfer_Encoding: chunked\r\n", "abcde"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 5\r\n\r\nabcde")},
        row{"a_length_named_with_an_underscore_is_not_passed_on",
            with("Content_Length: 9\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")},
        row{"chunks_that_connection_names_are_still_chunks",
            with("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")},
        row{"a_length_that_connection_names_is_still_a_length",
            with("Connection: content-length\r\nContent-Length: 3\r\n", "abc"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 3\r\n\r\nabc")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    transfer_encoding, requests,
    testing::Values(
        row{"chunked_may_be_written_in_capitals", encoded("  ChUnKeD \t"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
        row{"a_tab_before_chunked_is_white_space", encoded("\tchunked"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
        row{"chunked_twice_in_two_headers_is_refused",
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            refused(400, "two Transfer-Encoding headers")},
        row{"chunked_and_then_another_header_is_refused",
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n"),
            refused(400, "two Transfer-Encoding headers")},
        row{"another_header_and_then_chunked_is_refused",
            with("Transfer-Encoding: identity\r\nTransfer-encoding: chunked\r\n"),
            refused(400, "two Transfer-Encoding headers")},
        row{"chunked_twice_in_one_header_is_refused", encoded(" chunked, chunked"),
            refused(400, "bad Transfer-Encoding")},
        row{"chunked_before_another_coding_is_refused", encoded(" chunked, gzip"),
            refused(400, "bad Transfer-Encoding")},
        row{"a_coding_before_chunked_is_unknown", encoded(" gzip, chunked"), refused(501, "unknown transfer coding")},
        row{"identity_before_chunked_is_unknown", encoded(" identity, chunked"),
            refused(501, "unknown transfer coding")},
        row{"an_empty_element_before_chunked_is_refused", encoded(" , chunked"),
            refused(501, "unknown transfer coding")},
        row{"an_empty_element_behind_chunked_is_refused", encoded(" chunked,"),
            refused(501, "unknown transfer coding")},
        row{"gzip_alone_is_refused", encoded(" gzip"), refused(400, "bad Transfer-Encoding")},
        row{"identity_alone_is_refused", encoded(" identity"), refused(400, "bad Transfer-Encoding")},
        row{"xchunked_is_refused", encoded(" xchunked"), refused(400, "bad Transfer-Encoding")},
        row{"chunkedx_is_refused", encoded(" chunkedx"), refused(400, "bad Transfer-Encoding")},
        row{"an_empty_transfer_encoding_is_refused", encoded(""), refused(400, "bad Transfer-Encoding")},
        row{"chunked_in_quotes_is_refused", encoded(" \"chunked\""), refused(400, "bad Transfer-Encoding")},
        row{"chunked_in_single_quotes_is_refused", encoded(" 'chunked'"), refused(400, "bad Transfer-Encoding")},
        row{"chunked_with_a_parameter_is_refused", encoded(" chunked;a=b"), refused(400, "bad Transfer-Encoding")},
        row{"chunked_behind_a_word_is_refused", encoded(" x chunked"), refused(400, "bad Transfer-Encoding")},
        row{"chunked_before_a_word_is_refused", encoded(" chunked x"), refused(400, "bad Transfer-Encoding")},
        row{"a_colon_before_chunked_is_refused", encoded(": chunked"), refused(400, "bad Transfer-Encoding")},
        row{"a_byte_over_127_before_chunked_is_refused",
            encoded(" \xa0"
                    "chunked"),
            refused(400, "bad Transfer-Encoding")},
        row{"a_byte_over_127_behind_chunked_is_refused", encoded(" chunked\xff"),
            refused(400, "bad Transfer-Encoding")},
        row{"a_letter_that_unicode_folds_is_refused",
            encoded(" chun\xe2\x84\xaa"
                    "ed"),
            refused(400, "bad Transfer-Encoding")},
        row{"a_vertical_tab_before_chunked_is_refused",
            encoded("\x0b"
                    "chunked"),
            refused(400, "control character")},
        row{"a_form_feed_behind_chunked_is_refused", encoded(" chunked\x0c"), refused(400, "control character")},
        row{"nul_behind_chunked_is_refused", encoded(" chunked\0"s), refused(400, "NUL")},
        row{"a_cr_behind_chunked_is_refused", encoded(" chunked\r"), refused(400, "bare CR")},
        row{"a_name_with_a_space_before_it_is_refused", with("A: b\r\n Transfer-Encoding: chunked\r\n"),
            refused(400, "folded line")},
        row{"a_name_with_a_space_inside_is_refused", with("Transfer Encoding: chunked\r\n"),
            refused(400, "white space before the colon")},
        row{"a_name_that_is_nearly_it_means_nothing", with("XTransfer-Encoding: chunked\r\nContent-Length: 1\r\n", "a"),
            sent("POST / HTTP/1.1\r\nHost: a\r\nXTransfer-Encoding: chunked\r\n", "Content-Length: 1\r\n\r\na")},
        row{"a_header_behind_a_bare_lf_is_refused", with("A: b\nTransfer-Encoding: chunked\r\n"),
            refused(400, "bare LF")},
        row{"chunks_in_http_1_0_are_refused",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            refused(400, "Transfer-Encoding in HTTP/1.0")},
        row{"chunks_and_a_length_in_http_1_0_are_refused",
            "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            refused(400, "Transfer-Encoding and Content-Length")},
        row{"another_coding_in_http_1_0_is_refused", "POST / HTTP/1.0\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            refused(400, "Transfer-Encoding in HTTP/1.0")}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    content_length, requests,
    testing::Values(
        row{"zeros_before_a_length_mean_nothing", long_as(" 0003"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 3\r\n\r\nabc")},
        row{"thirty_zeros_before_a_length_mean_nothing", long_as(" 0000000000000000000000000000003"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 3\r\n\r\nabc")},
        row{"white_space_around_a_length_means_nothing", long_as("\t3 \t"),
            sent("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 3\r\n\r\nabc")},
        row{"two_equal_lengths_are_refused", with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
            refused(400, "two Content-Length headers")},
        row{"two_lengths_are_refused", with("Content-Length: 3\r\nContent-Length: 0\r\n", "abc"),
            refused(400, "two Content-Length headers")},
        row{"two_lengths_in_two_spellings_are_refused", with("Content-Length: 3\r\ncontent-length: 0\r\n", "abc"),
            refused(400, "two Content-Length headers")},
        row{"a_list_of_equal_lengths_is_refused", long_as(" 3, 3"), refused(400, "bad Content-Length")},
        row{"a_list_of_lengths_is_refused", long_as(" 3, 4"), refused(400, "two Content-Length headers")},
        row{"a_length_with_a_comma_is_refused", long_as(" 3,"), refused(400, "bad Content-Length")},
        row{"an_empty_length_is_refused", long_as(""), refused(400, "bad Content-Length")},
        row{"a_length_with_a_plus_is_refused", long_as(" +3"), refused(400, "bad Content-Length")},
        row{"a_negative_length_is_refused", long_as(" -3"), refused(400, "bad Content-Length")},
        row{"a_negative_length_of_0_is_refused", long_as(" -0"), refused(400, "bad Content-Length")},
        row{"a_length_in_hex_is_refused", long_as(" 0x3"), refused(400, "bad Content-Length")},
        row{"a_length_with_letters_is_refused", long_as(" 3a"), refused(400, "bad Content-Length")},
        row{"a_length_with_a_fraction_is_refused", long_as(" 3.0"), refused(400, "bad Content-Length")},
        row{"a_length_with_an_exponent_is_refused", long_as(" 3e0"), refused(400, "bad Content-Length")},
        row{"a_length_with_underscores_is_refused", long_as(" 1_0"), refused(400, "bad Content-Length")},
        row{"a_length_with_a_space_inside_is_refused", long_as(" 3 4"), refused(400, "bad Content-Length")},
        row{"a_length_in_quotes_is_refused", long_as(" \"3\""), refused(400, "bad Content-Length")},
        row{"a_length_with_a_parameter_is_refused", long_as(" 3;a"), refused(400, "bad Content-Length")},
        row{"a_length_in_other_digits_is_refused", long_as(" \xd9\xa3"), refused(400, "bad Content-Length")},
        row{"a_vertical_tab_before_a_length_is_refused",
            long_as(" \x0b"
                    "3"),
            refused(400, "control character")},
        row{"a_length_of_2_to_63_is_refused", long_as(" 9223372036854775808"), refused(400, "bad Content-Length")},
        row{"a_length_of_2_to_64_is_refused", long_as(" 18446744073709551616"), refused(400, "bad Content-Length")},
        row{"a_length_of_2_to_64_and_3_is_refused", long_as(" 18446744073709551619"),
            refused(400, "bad Content-Length")},
        row{"a_length_of_fifty_digits_is_refused", long_as(" 99999999999999999999999999999999999999999999999999"),
            refused(400, "bad Content-Length")},
        row{"a_length_with_a_space_before_the_colon_is_refused", with("Content-Length : 3\r\n", "abc"),
            refused(400, "white space before the colon")},
        row{"a_bad_length_beside_an_upgrade_is_refused",
            with("Connection: upgrade\r\nUpgrade: a\r\nContent-Length: x\r\n", ""),
            refused(400, "bad Content-Length")}),
    name_of);

}  // namespace postern::wire
