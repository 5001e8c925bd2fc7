#include "proxy/wire/names.hpp"

#include "proxy/wire/text.hpp"

#include <algorithm>
#include <array>

namespace postern::wire {
namespace {

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [name](std::string_view each) { return same_field(each, name); });
}

}  // namespace

bool concerns_connection(known id) {
    switch (id) {
        case known::connection:
        case known::content_length:
        case known::http2_settings:
        case known::keep_alive:
        case known::proxy_connection:
        case known::te:
        case known::trailer:
        case known::transfer_encoding:
        case known::upgrade: return true;
        default: return false;
    }
}

bool concerns_connection(std::string_view name) {
    static constexpr std::array<std::string_view, 9> names{"connection", "content-length",    "http2-settings",
                                                           "keep-alive", "proxy-connection",  "te",
                                                           "trailer",    "transfer-encoding", "upgrade"};
    return among(names, name);
}

bool may_be_trailer(std::string_view name) {
    static constexpr std::array<std::string_view, 36> never{
        // routing and what is asked of whom
        "host", "expect", "max-forwards", "range", "if-match", "if-none-match", "if-modified-since",
        "if-unmodified-since", "if-range", "cache-control", "pragma", "via",
        // who asks
        "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "cookie", "set-cookie",
        "client-cert", "client-cert-chain", "forwarded", "x-real-ip",
        // how a response is to be taken
        "age", "date", "expires", "location", "retry-after", "vary", "warning", "strict-transport-security",
        // what the content is
        "content-encoding", "content-type", "content-range", "content-language", "content-location",
        "content-disposition"};
    constexpr std::string_view prefix = "x-forwarded-";
    return !concerns_connection(name) && !among(never, name) && !same_field(name.substr(0, prefix.size()), prefix);
}

bool named_by_connection(std::span<const std::string_view> options, std::string_view name) {
    return std::any_of(options.begin(), options.end(), [name](auto each) { return equal_ignoring_case(each, name); });
}

}  // namespace postern::wire
