// Durations, sizes, addresses: from an operator's text to values and back. Nothing when the text is not one.
#pragma once

#include "config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// What is allowed, for messages and the manual.
inline constexpr std::string_view duration_form = "a time with its unit, such as 250ms, 5s, 10m, 1h or 1d";
inline constexpr std::string_view size_form = "a size in bytes, or with a unit such as 16k, 10m or 1g";
inline constexpr std::string_view endpoint_form = "443, 127.0.0.1:443, \"[::1]:443\", localhost:80 or unix:/path";
inline constexpr std::string_view destination_form =
    "tcp://HOST:PORT, http://HOST:PORT[/path], tcp://UPSTREAM, http://UPSTREAM[/path] or unix:/path";
inline constexpr std::string_view session_cache_form =
    "off, none, builtin, builtin:SESSIONS, shared:10m or shared:NAME:10m";
inline constexpr std::string_view location_form = "/prefix or = /exact";
inline constexpr std::string_view header_buffers_form =
    "NUMBER SIZE, such as 4 8k: at least 1k each and at most 64k in all";

// A number and its unit, or several: "1h30m". Units are nginx's; M has 30 days and y 365. A number without a unit is refused: nobody knows what it means.
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text);
// Units k, m and g are powers of 1024, as in nginx.
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text);
[[nodiscard]] std::optional<unsigned long> parse_number(std::string_view text);
// IP addresses come out in their one spelling; `*` and 0.0.0.0 as the empty host.
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);
// Letters, digits, `.`, `-` and `_`: what can stand in a destination without a port.
[[nodiscard]] bool is_upstream_name(std::string_view text);
[[nodiscard]] std::optional<destination> parse_destination(std::string_view text);
[[nodiscard]] std::optional<session_cache> parse_session_cache(std::string_view text);

// "4 8k"; not judged by its bounds.
[[nodiscard]] std::optional<header_buffers> parse_header_buffers(std::string_view text);

[[nodiscard]] std::string to_string(milliseconds d);
[[nodiscard]] std::string size_text(std::size_t bytes);
[[nodiscard]] std::string to_string(const destination& d);
[[nodiscard]] std::string to_string(const session_cache& c);
[[nodiscard]] std::string to_string(const header_buffers& b);
// Its path as it is written: "/prefix" or "= /exact".
[[nodiscard]] std::string path_text(const location& l);

}  // namespace postern::config
