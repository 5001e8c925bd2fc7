"""Where nginx 1.22 and haproxy 2.6 do otherwise than postern with the raw requests of wire's tests, and why.

A reason says what the peer does. Postern refuses most of these requests, because what two programs read in two ways is
what requests are smuggled with. "both" are nginx and haproxy.
"""

DIFFERENCES = [
    ("takes the chunks and drops a Content-Length beside them", {
        "haproxy": [
            "both_lengths/a_length_before_chunks_is_refused",
            "both_lengths/a_length_behind_chunks_is_refused",
            "both_lengths/a_length_of_0_beside_chunks_is_refused",
            "transfer_encoding/chunks_and_a_length_in_http_1_0_are_refused",
        ],
    }),
    ("takes an empty element in Transfer-Encoding, and sends the value on as it came: postern writes `chunked`", {
        "haproxy": [
            "transfer_encoding/an_empty_element_behind_chunked_is_refused",
            "transfer_encoding/chunked_may_be_written_in_capitals",
        ],
    }),
    ("takes Transfer-Encoding in HTTP/1.0", {
        "haproxy": [
            "transfer_encoding/chunks_in_http_1_0_are_refused",
        ],
    }),
    ("passes over what follows the size of a chunk, or takes lines of any length", {
        "both": [
            "chunk_extensions/a_byte_over_127_outside_quotes_is_refused",
            "chunk_extensions/a_size_line_of_1025_bytes_is_refused",
            "chunk_extensions/nul_in_an_extension_is_refused",
            "chunk_extensions/nul_in_quotes_is_refused",
            "chunk_extensions/quotes_that_do_not_end_are_refused",
            "chunk_sizes/a_space_behind_a_size_is_refused",
            "chunk_sizes/a_size_of_1024_digits_is_refused",
        ],
        "nginx": [
            "chunk_sizes/a_word_behind_a_size_is_refused",
        ],
    }),
    ("takes a bare LF for the end of a line", {
        "both": [
            "chunk_extensions/an_lf_behind_an_extension_is_refused",
            "chunk_sizes/a_bare_lf_behind_a_chunk_is_refused",
            "chunk_sizes/a_bare_lf_behind_a_size_is_refused",
            "chunk_sizes/a_bare_lf_behind_the_last_size_is_refused",
            "chunk_sizes/a_bare_lf_that_ends_a_body_is_refused",
            "chunk_sizes/a_size_too_large_is_refused",
            "header_lines/a_bare_lf_behind_a_header_is_refused",
            "header_lines/a_bare_lf_that_ends_the_head_is_refused",
            "request_line/a_bare_lf_before_a_request_is_refused",
            "request_line/a_bare_lf_behind_the_request_line_is_refused",
            "trailers/a_trailer_with_a_bare_lf_is_refused",
            "transfer_encoding/a_header_behind_a_bare_lf_is_refused",
        ],
        "nginx": [
            "header_lines/a_bare_lf_in_a_name_is_refused",
            "request_line/an_lf_in_the_target_is_refused",
        ],
    }),
    ("takes a second CR before the LF for a part of the line's end", {
        "nginx": [
            "header_lines/two_crs_behind_a_header_are_refused",
            "transfer_encoding/a_cr_behind_chunked_is_refused",
        ],
    }),
    ("does not judge Connection and Expect", {
        "both": [
            "connections/a_connection_that_is_no_list_of_tokens_is_refused",
            "connections/a_list_of_expectations_is_refused",
            "connections/an_unknown_expectation_is_refused",
            "connections/thirty_three_options_are_refused",
        ],
    }),
    ("refuses a second Expect header", {
        "nginx": [
            "connections/an_empty_expectation_beside_another_goes",
            "connections/an_expectation_twice_is_one",
        ],
    }),
    ("counts a Content-Length modulo 2 to 64 and sends it on as it came: what it does not count of the body "
     "is the next request", {
        "haproxy": [
            "content_length/a_length_of_2_to_64_and_3_is_refused",
            "content_length/a_length_of_2_to_64_is_refused",
        ],
    }),
    ("joins equal Content-Lengths", {
        "haproxy": [
            "content_length/a_list_of_equal_lengths_is_refused",
            "content_length/two_equal_lengths_are_refused",
        ],
    }),
    ("wants Content-Length and Transfer-Encoding without tabs around them", {
        "nginx": [
            "content_length/white_space_around_a_length_means_nothing",
            "transfer_encoding/a_tab_before_chunked_is_white_space",
            "transfer_encoding/chunked_may_be_written_in_capitals",
        ],
    }),
    ("lets control characters into values", {
        "both": [
            "header_lines/a_control_character_in_a_value_is_refused",
            "header_lines/del_in_a_value_is_refused",
            "header_lines/escape_in_a_value_is_refused",
        ],
        "haproxy": [
            "header_lines/nul_in_a_value_is_refused",
        ],
    }),
    ("unfolds a folded line", {
        "both": [
            "trailers/a_folded_trailer_is_refused",
        ],
        "haproxy": [
            "header_lines/a_folded_line_is_refused",
            "header_lines/a_folded_transfer_encoding_is_refused",
            "header_lines/a_line_folded_with_a_tab_is_refused",
            "header_lines/a_line_of_white_space_is_refused",
            "transfer_encoding/a_name_with_a_space_before_it_is_refused",
        ],
    }),
    ("drops a header whose name it does not like, and goes on (ignore_invalid_headers)", {
        "nginx": [
            "header_lines/a_line_without_a_colon_is_refused",
            "header_lines/a_slash_in_a_name_is_refused",
            "header_lines/brackets_in_a_name_are_refused",
            "header_lines/bytes_over_127_in_a_name_are_refused",
            "header_lines/quotes_in_a_name_are_refused",
        ],
    }),
    ("does not judge the characters of Host", {
        "both": [
            "hosts/a_host_in_other_letters_is_refused",
            "hosts/a_host_with_a_port_in_words_is_refused",
            "hosts/a_host_with_a_port_over_65535_is_refused",
            "hosts/a_host_with_a_query_is_refused",
            "hosts/a_host_with_a_user_is_refused",
            "hosts/a_host_with_an_open_bracket_is_refused",
            "hosts/a_host_with_two_ports_is_refused",
            "hosts/a_list_of_hosts_without_a_space_is_refused",
        ],
        "haproxy": [
            "hosts/a_host_with_a_path_is_refused",
            "hosts/a_host_with_a_scheme_is_refused",
            "hosts/a_host_with_a_space_is_refused",
            "hosts/a_list_of_hosts_is_refused",
        ],
    }),
    ("with an absolute target, nginx sends the Host header on ($http_host) and haproxy refuses one that "
     "differs; RFC 9112 section 3.2.2 lets the target win", {
        "both": [
            "hosts/an_absolute_target_goes_before_host",
            "hosts/an_absolute_target_may_be_of_https_in_capitals",
            "hosts/an_absolute_target_may_have_a_query_alone",
            "hosts/an_absolute_target_may_have_no_path",
        ],
    }),
    ("does not ask for a Host beside an absolute target, or takes any scheme", {
        "nginx": [
            "hosts/an_absolute_target_of_another_scheme_is_refused",
        ],
        "haproxy": [
            "hosts/an_absolute_target_has_but_one_host_beside_it",
            "hosts/an_absolute_target_needs_a_host_beside_it",
            "hosts/an_absolute_target_without_a_host_is_refused",
        ],
    }),
    ("lets a request without Host, with an empty one, or with two equal ones through", {
        "haproxy": [
            "hosts/an_empty_host_is_refused",
            "hosts/an_empty_host_of_http_1_0_is_refused",
            "hosts/no_header_at_all_is_refused",
            "hosts/no_host_is_refused",
            "hosts/two_equal_hosts_are_refused",
            "hosts/two_hosts_of_http_1_0_are_refused",
            "request_line/http_1_2_is_judged_as_1_1",
        ],
    }),
    ("knows methods of capitals, - and _ only", {
        "nginx": [
            "plain/a_method_of_32_bytes_is_passed_on",
            "plain/methods_have_cases",
        ],
    }),
    ("sends a request of HTTP/1.0 without Host on without one", {
        "both": [
            "hosts/an_absolute_target_of_http_1_0_needs_none",
            "plain/http_1_0_without_host_gets_the_default_one",
        ],
    }),
    ("has no OPTIONS *", {
        "nginx": [
            "plain/options_may_ask_about_the_server",
        ],
    }),
    ("does not look at method and path: above the root, without a slash, TRACE, and `*` for any method go through", {
        "haproxy": [
            "plain/the_target_is_passed_on_as_received",
            "request_line/a_method_of_33_bytes_is_refused",
            "request_line/a_target_without_a_slash_is_refused",
            "request_line/only_options_may_ask_about_the_server",
            "request_line/trace_is_not_allowed",
        ],
    }),
    ("takes other white space and empty lines around the request line", {
        "both": [
            "request_line/five_empty_lines_before_a_request_are_refused",
            "request_line/two_spaces_before_the_version_are_refused",
            "request_line/two_spaces_behind_the_method_are_refused",
        ],
        "nginx": [
            "request_line/a_bare_cr_before_a_request_is_refused",
            "request_line/a_space_behind_the_version_is_refused",
        ],
        "haproxy": [
            "request_line/a_tab_before_the_version_is_refused",
            "request_line/a_tab_behind_the_method_is_refused",
        ],
    }),
    ("speaks HTTP/0.9, and takes fragments and bytes over 127 in the target", {
        "nginx": [
            "request_line/a_fragment_is_refused",
            "request_line/a_request_of_http_0_9_is_refused",
            "request_line/a_request_of_http_0_9_with_white_space_behind_it_is_refused",
            "request_line/bytes_over_127_in_the_target_are_refused",
        ],
    }),
    ("takes other versions than 1.0 to 1.9", {
        "nginx": [
            "request_line/http_1_01_is_refused",
            "request_line/http_1_10_is_refused",
        ],
        "haproxy": [
            "request_line/http_0_9_in_words_is_unknown",
            "request_line/http_2_0_is_unknown",
        ],
    }),
    ("speaks HTTP/2 on the same port", {
        "haproxy": [
            "request_line/the_preface_of_http_2_is_an_unknown_version",
        ],
    }),
    ("does not judge trailers, or not all of them", {
        "both": [
            "trailers/a_trailer_with_nul_is_refused",
        ],
        "nginx": [
            "trailers/a_bad_length_in_a_trailer_is_refused",
            "trailers/a_request_for_a_trailer_is_refused",
            "trailers/a_trailer_that_begins_with_white_space_is_refused",
            "trailers/a_trailer_with_a_space_before_the_colon_is_refused",
            "trailers/a_trailer_without_a_name_is_refused",
        ],
    }),
    ("refuses a Host among the trailers, which postern drops", {
        "haproxy": [
            "trailers/a_host_in_a_trailer_goes",
        ],
    }),
    ("refuses a WebSocket upgrade without a Sec-WebSocket-Key", {
        "haproxy": [
            "upgrades/an_upgrade_in_two_headers_goes",
            "upgrades/an_upgrade_is_passed_on",
            "upgrades/an_upgrade_of_http_1_0_goes",
            "upgrades/an_upgrade_to_one_of_two_goes",
        ],
    }),
]

# haproxy has sent the trailers on as they came, or not yet, when it finds what is wrong with them.
EITHER_WAY = {
    "nginx": [],
    "haproxy": [
        "trailers/a_trailer_that_begins_with_white_space_is_refused",
        "trailers/a_trailer_with_a_space_before_the_colon_is_refused",
    ],
}
