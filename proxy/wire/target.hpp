// What a request is for: the path that locations are matched against, and the host that servers are. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::wire {

// The path of a target without its query, as nginx normalizes it: percent-encoding decoded, slashes merged, `.` and `..`
// resolved. False: it goes above the root, its encoding is broken, or it holds a NUL. "*" stays what it is.
[[nodiscard]] bool normalize_path(std::string_view target, std::string& path);
// Behind the first `?`; empty when there is none.
[[nodiscard]] std::string_view query_of(std::string_view target);

// uri-host [":" port] (RFC 9110 section 7.2): a name, an IPv4 address or an IP literal in brackets. Nothing when it is
// none. `name` keeps its case and brackets, without a trailing dot; `port` is empty when there is none. Names are made of
// letters, digits and `-._~`.
struct host_and_port {
    std::string_view name;
    std::string_view port;
};
[[nodiscard]] std::optional<host_and_port> parse_authority(std::string_view text);

}  // namespace postern::wire
