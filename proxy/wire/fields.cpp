#include "proxy/wire/fields.hpp"

#include "proxy/wire/text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace postern::wire {
namespace {

framing refuse(unsigned status, std::string_view why) { return {{}, {status, why}}; }

// A list of codings with chunked at its end only is well-formed; such a body could be read by somebody (501). So is one
// with empty elements, which RFC 9110 section 5.6.1.2 lets a recipient pass over: here it could as well be a way to hide
// `chunked` from one reader of two, and no client has a reason to send it.
bool ends_with_chunked(std::string_view codings) {
    std::size_t count = 0;
    std::size_t chunked = 0;
    std::string_view coding;
    while (take_element(codings, coding)) {
        if (chunked != 0 || !only(token_char, coding)) return false;
        ++count;
        if (equal_ignoring_case(coding, "chunked")) chunked = count;
    }
    return chunked != 0;
}

// Some readers count in signed numbers.
constexpr std::uint64_t longest_body = std::numeric_limits<std::int64_t>::max();

bool read_length(std::string_view text, std::uint64_t& length) {
    if (!only(digit_char, text)) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    return error == std::errc{} && end == text.data() + text.size() && length <= longest_body;
}

}  // namespace

framing read_framing(const std::vector<header>& headers, http_version version) {
    const header* length = nullptr;
    const header* encoding = nullptr;
    for (const auto& h : headers) {
        if (h.id == known::content_length) {
            if (length != nullptr) return refuse(400, "two Content-Length headers");
            length = &h;
        } else if (h.id == known::transfer_encoding) {
            if (encoding != nullptr) return refuse(400, "two Transfer-Encoding headers");
            encoding = &h;
        }
    }
    if (encoding != nullptr) {
        if (length != nullptr) return refuse(400, "Transfer-Encoding and Content-Length");
        if (version == http_version::http_1_0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
        if (equal_ignoring_case(encoding->value, "chunked")) return {{body_length::kind::chunked, 0}, {0, {}}};
        if (ends_with_chunked(encoding->value)) return refuse(501, "unknown transfer coding");
        return refuse(400, "bad Transfer-Encoding");
    }
    framing read{{}, {0, {}}};
    if (length == nullptr) return read;
    read.body.type = body_length::kind::length;
    if (!read_length(length->value, read.body.bytes)) return refuse(400, "bad Content-Length");
    return read;
}

connection_options read_connection(const std::vector<header>& headers) {
    connection_options options;
    for (const auto& h : headers) {
        if (h.id != known::connection) continue;
        std::string_view list = h.value;
        std::string_view option;
        while (take_element(list, option)) {
            if (equal_ignoring_case(option, "close")) {
                options.close = true;
            } else if (equal_ignoring_case(option, "keep-alive")) {
                options.keep_alive = true;
            } else if (equal_ignoring_case(option, "upgrade")) {
                options.upgrade = true;
            } else {
                options.add_other(option);
            }
        }
    }
    return options;
}

std::string_view read_upgrade(const std::vector<header>& headers) {
    std::string_view protocol;
    std::size_t count = 0;
    for (const auto& h : headers) {
        if (h.id != known::upgrade) continue;
        protocol = h.value;
        ++count;
    }
    // protocol-name ["/" protocol-version] (RFC 9110 section 7.8)
    const auto slash = protocol.find('/');
    const bool named = only(token_char, protocol.substr(0, slash)) &&
                       (slash == std::string_view::npos || only(token_char, protocol.substr(slash + 1)));
    return count == 1 && named ? protocol : std::string_view{};
}

void empty(std::vector<header>& headers) {
    constexpr std::size_t moderate = 64;
    if (headers.capacity() > moderate) headers = {};
    headers.clear();
}

const header* request_head::find(known id) const {
    const auto at = std::find_if(headers.begin(), headers.end(), [id](const header& h) { return h.id == id; });
    return at == headers.end() ? nullptr : &*at;
}

const header* response_head::find(known id) const {
    const auto at = std::find_if(headers.begin(), headers.end(), [id](const header& h) { return h.id == id; });
    return at == headers.end() ? nullptr : &*at;
}

}  // namespace postern::wire
