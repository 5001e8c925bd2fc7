#include "config/network.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace postern::config {
namespace {

using bytes = std::array<std::uint8_t, 16>;

constexpr bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned mapped_bits = 96;

bool is_ipv4(const bytes& address) { return std::equal(mapped.begin(), mapped.begin() + 12, address.begin()); }

std::optional<bytes> parse_address(std::string_view text) {
    const std::string whole(text);
    if (whole.find('\0') != std::string::npos) return std::nullopt;
    bytes address = mapped;
    if (::inet_pton(AF_INET, whole.c_str(), address.data() + 12) == 1) return address;
    if (::inet_pton(AF_INET6, whole.c_str(), address.data()) == 1) return address;
    return std::nullopt;
}

// The address with the bits beyond the prefix set to 0.
bytes network_of(bytes address, unsigned prefix) {
    for (unsigned bit = prefix; bit < 128; ++bit) address[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    return address;
}

std::optional<unsigned> parse_prefix(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
    return value;
}

std::optional<network> wrong(misread* why, std::string what, std::string allowed = {}) {
    if (why != nullptr) *why = {std::move(what), std::move(allowed), {}};
    return std::nullopt;
}

}  // namespace

bool network::contains(std::string_view ip) const {
    const auto other = parse_address(ip.substr(0, ip.find('%')));  // a scope says where an address is, not which
    if (!other) return false;
    if (is_ipv4(*other) && prefix < mapped_bits) return false;
    return network_of(*other, prefix) == address;
}

bool is_address(std::string_view text) { return parse_address(text).has_value(); }

std::optional<network> parse_network(std::string_view text, misread* why) {
    const auto slash = text.find('/');
    auto host = text.substr(0, slash);
    if (host.starts_with('[') && host.ends_with(']') && host.find(':') != std::string_view::npos)
        host = host.substr(1, host.size() - 2);
    const auto address = parse_address(host);
    if (!address) return wrong(why, "neither an address nor a network");
    network n{*address, 128};
    if (slash == std::string_view::npos) return n;
    const bool ipv4 = host.find(':') == std::string_view::npos;
    const auto prefix = parse_prefix(text.substr(slash + 1), ipv4 ? 32 : 128);
    if (!prefix) return wrong(why, "not a prefix", ipv4 ? "a number from 0 to 32" : "a number from 0 to 128");
    n.prefix = *prefix + (ipv4 ? mapped_bits : 0);
    n.address = network_of(*address, n.prefix);
    if (n.address != *address) return wrong(why, "bits are set beyond the prefix", to_string(n));
    return n;
}

std::string to_string(const network& n) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool ipv4 = n.prefix >= mapped_bits && is_ipv4(n.address);
    const auto* from = n.address.data() + (ipv4 ? 12 : 0);
    if (::inet_ntop(ipv4 ? AF_INET : AF_INET6, from, text.data(), static_cast<unsigned>(text.size())) == nullptr)
        return {};
    const std::string address = text.data();
    return n.prefix == 128 ? address : address + "/" + std::to_string(n.prefix - (ipv4 ? mapped_bits : 0));
}

}  // namespace postern::config
