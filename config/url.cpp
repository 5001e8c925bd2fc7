#include "config/url.hpp"

#include "config/units.hpp"

#include <algorithm>

namespace postern::config {
namespace {

constexpr std::string_view scheme = "http://";

bool begins_with_scheme(std::string_view text) {
    return text.size() >= scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), text.begin(), [](char wanted, char is) {
               return wanted == (is >= 'A' && is <= 'Z' ? static_cast<char>(is - 'A' + 'a') : is);
           });
}

}  // namespace

std::optional<http_url> parse_http_url(std::string_view text) {
    if (!begins_with_scheme(text)) return std::nullopt;
    text.remove_prefix(scheme.size());
    if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c >= 127; })) return std::nullopt;
    text = text.substr(0, text.find('#'));
    http_url url;
    const auto end = std::min(text.find_first_of("/?"), text.size());
    url.authority = text.substr(0, end);
    url.target = text.substr(end);
    if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
    const auto bracket = url.authority.rfind(']');
    const auto colon = url.authority.find(':', bracket == std::string::npos ? 0 : bracket);
    const auto address = parse_endpoint(colon == std::string::npos ? url.authority + ":80" : url.authority);
    if (!address || address->type != endpoint::kind::tcp || address->host.empty() || address->port == 0)
        return std::nullopt;
    url.address = *address;
    return url;
}

}  // namespace postern::config
