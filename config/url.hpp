// http URLs of OCSP responders, as certificates and operators write them.
#pragma once

#include "config/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

inline constexpr std::string_view http_url_form = "http://HOST[:PORT][/path]";

struct http_url {
    endpoint address;       // port 80 unless it says another
    std::string authority;  // as it is written, for the Host header
    std::string target;     // path and query as they are sent; "/" when there are none

    bool operator==(const http_url&) const = default;
};

// Nothing when it is none: another scheme, a user, a byte that cannot be sent as it stands.
[[nodiscard]] std::optional<http_url> parse_http_url(std::string_view text);

}  // namespace postern::config
