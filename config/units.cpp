#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <arpa/inet.h>

namespace postern::config {
namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

// The longer name first: "ms" begins with "m".
constexpr std::array times{unit{"ms", 1},
                           unit{"s", 1000},
                           unit{"m", 60'000},
                           unit{"h", 3'600'000},
                           unit{"d", 86'400'000},
                           unit{"w", std::uint64_t{7} * 86'400'000},
                           unit{"M", std::uint64_t{30} * 86'400'000},
                           unit{"y", std::uint64_t{365} * 86'400'000}};
constexpr std::array sizes{unit{"k", 1024},     unit{"K", 1024},     unit{"m", 1U << 20},
                           unit{"M", 1U << 20}, unit{"g", 1U << 30}, unit{"G", 1U << 30}};
// A hundred years: a steady clock that counts nanoseconds in 64 bits has room for it.
constexpr std::uint64_t longest_time = std::uint64_t{100} * 86'400'000 * 365;

// The number at the front of `text`, which is shortened by it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

template <std::size_t N>
const unit* take_unit(const std::array<unit, N>& all, std::string_view& text) {
    for (const auto& u : all)
        if (text.starts_with(u.name)) {
            text.remove_prefix(u.name.size());
            return &u;
        }
    return nullptr;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto n = parse_number(text);
    if (!n || *n == 0 || *n > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*n);
}

bool host_like(std::string_view host) {
    if (host.empty() || host.size() > 255) return false;
    for (const char c : host) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '-' && c != '_') return false;
    }
    return true;
}

// An address in its one spelling, so that equal addresses are equal texts; nothing when `host` is none of `family`.
std::optional<std::string> canonical(int family, std::string_view host) {
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_pton(family, std::string(host).c_str(), bytes.data()) != 1) return std::nullopt;
    if (::inet_ntop(family, bytes.data(), text.data(), static_cast<unsigned>(text.size())) == nullptr)
        return std::nullopt;
    return text.data();
}

std::optional<endpoint> tcp(std::optional<std::string> host, std::string_view port) {
    const auto number = parse_port(port);
    if (!number || !host) return std::nullopt;
    return endpoint{endpoint::kind::tcp, std::move(*host), *number, {}};
}

// Names, and IPv4 addresses: digits and dots that are no address are no name either. 0.0.0.0 is the address that an
// absent host stands for.
std::optional<std::string> plain_host(std::string_view host) {
    if (!host_like(host)) return std::nullopt;
    if (host.find_first_not_of("0123456789.") != std::string_view::npos) return std::string(host);
    auto address = canonical(AF_INET, host);
    return address == "0.0.0.0" ? "" : address;
}

// The path that an HTTP destination ends with, taken off `text`; after a unix socket's a colon comes first (nginx).
std::string take_uri(std::string_view& text) {
    const bool socket = text.starts_with("unix:");
    const auto begin = socket ? text.find(":/", 5) : text.find('/');
    if (begin == std::string_view::npos) return {};
    const auto uri = text.substr(socket ? begin + 1 : begin);
    text = text.substr(0, begin);
    return std::string(uri);
}

// What may stand in a request's target as a path (RFC 3986), written as it is sent.
bool path_like(std::string_view uri) {
    return std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c < 127 && c != '?' && c != '#'; });
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t total = 0;
    while (!text.empty()) {
        const auto number = take_number(text);
        const unit* u = number ? take_unit(times, text) : nullptr;
        if (u == nullptr || *number > longest_time / u->factor) return std::nullopt;
        total += *number * u->factor;
        if (total > longest_time) return std::nullopt;
    }
    return milliseconds(static_cast<std::int64_t>(total));
}

std::optional<std::size_t> parse_size(std::string_view text) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const unit* u = take_unit(sizes, text);
    const std::uint64_t factor = u != nullptr ? u->factor : 1;
    if (!text.empty() || *number > std::numeric_limits<std::size_t>::max() / factor) return std::nullopt;
    return *number * factor;
}

std::optional<unsigned long> parse_number(std::string_view text) {
    const auto number = take_number(text);
    if (!number || !text.empty()) return std::nullopt;
    return *number;
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with("unix:")) {
        const auto path = text.substr(5);
        if (path.empty()) return std::nullopt;
        return endpoint{endpoint::kind::unix_socket, {}, 0, std::string(path)};
    }
    if (text.starts_with("[")) {
        const auto close = text.find("]:");
        if (close == std::string_view::npos) return std::nullopt;
        return tcp(canonical(AF_INET6, text.substr(1, close - 1)), text.substr(close + 2));
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return tcp("", text);
    const auto host = text.substr(0, colon);
    return tcp(host == "*" ? "" : plain_host(host), text.substr(colon + 1));
}

bool is_upstream_name(std::string_view text) { return host_like(text); }

std::optional<destination> parse_destination(std::string_view text) {
    destination to;
    to.type = destination::kind::tcp;
    if (text.starts_with("tcp://")) {
        text.remove_prefix(6);
    } else if (text.starts_with("http://")) {
        to.type = destination::kind::http;
        text.remove_prefix(7);
        to.uri = take_uri(text);
        if (!path_like(to.uri)) return std::nullopt;
    } else if (!text.starts_with("unix:")) {
        return std::nullopt;
    }
    // A word without a port is the name of a group; an address always has one.
    if (is_upstream_name(text)) {
        to.upstream = text;
        return to;
    }
    auto address = parse_endpoint(text);
    if (!address || (address->type == endpoint::kind::tcp && address->host.empty())) return std::nullopt;
    to.address = std::move(*address);
    return to;
}

std::optional<session_cache> parse_session_cache(std::string_view text) {
    using kind = session_cache::kind;
    if (text == "off") return session_cache{kind::off, {}, 0};
    if (text == "none") return session_cache{kind::none, {}, 0};
    if (text == "builtin") return session_cache{kind::builtin, {}, 0};
    if (text.starts_with("builtin:")) {
        const auto sessions = parse_number(text.substr(8));
        if (!sessions || *sessions == 0) return std::nullopt;
        return session_cache{kind::builtin, {}, *sessions};
    }
    if (!text.starts_with("shared:")) return std::nullopt;
    text.remove_prefix(7);
    session_cache shared{kind::shared, {}, 0};
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        shared.name = text.substr(0, colon);
        text.remove_prefix(colon + 1);
        if (shared.name.empty()) return std::nullopt;
    }
    const auto size = parse_size(text);
    if (!size || *size == 0) return std::nullopt;
    shared.size = *size;
    return shared;
}

std::optional<header_buffers> parse_header_buffers(std::string_view text) {
    const auto number = take_number(text);
    const auto gap = text.find_first_not_of(' ');
    if (!number || gap == 0 || gap == std::string_view::npos) return std::nullopt;
    const auto size = parse_size(text.substr(gap));
    if (!size || *number > std::numeric_limits<unsigned>::max()) return std::nullopt;
    return header_buffers{static_cast<unsigned>(*number), *size};
}

std::string to_string(milliseconds d) {
    const auto count = static_cast<std::uint64_t>(d.count());
    for (auto u = times.rbegin(); u != times.rend(); ++u)
        if (count != 0 && count % u->factor == 0) return std::to_string(count / u->factor) + std::string(u->name);
    return std::to_string(count) + "ms";
}

std::string size_text(std::size_t bytes) {
    if (bytes != 0 && bytes % (1U << 30) == 0) return std::to_string(bytes >> 30) + "g";
    if (bytes != 0 && bytes % (1U << 20) == 0) return std::to_string(bytes >> 20) + "m";
    if (bytes != 0 && bytes % 1024 == 0) return std::to_string(bytes >> 10) + "k";
    return std::to_string(bytes);
}

std::string to_string(const endpoint& e) {
    if (e.type == endpoint::kind::unix_socket) return "unix:" + e.path;
    const std::string host = e.host.empty()                          ? "0.0.0.0"
                             : e.host.find(':') != std::string::npos ? "[" + e.host + "]"
                                                                     : e.host;
    return host + ":" + std::to_string(e.port);
}

std::string to_string(const destination& d) {
    if (d.type == destination::kind::none) return {};
    const std::string scheme = d.type == destination::kind::tcp ? "tcp://" : "http://";
    const bool socket = d.upstream.empty() && d.address.type == endpoint::kind::unix_socket;
    return scheme + (d.upstream.empty() ? to_string(d.address) : d.upstream) + (socket && !d.uri.empty() ? ":" : "") +
           d.uri;
}

std::string to_string(const session_cache& c) {
    using kind = session_cache::kind;
    switch (c.type) {
        case kind::off: return "off";
        case kind::none: return "none";
        case kind::builtin: return c.size == 0 ? "builtin" : "builtin:" + std::to_string(c.size);
        case kind::shared: return "shared:" + (c.name.empty() ? "" : c.name + ":") + size_text(c.size);
    }
    return {};
}

std::string to_string(const header_buffers& b) { return std::to_string(b.number) + " " + size_text(b.size); }

std::string path_text(const location& l) { return (l.exact ? "= " : "") + l.path; }

}  // namespace postern::config
