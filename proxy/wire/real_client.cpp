#include "proxy/wire/address.hpp"
#include "proxy/wire/forwarding.hpp"
#include "proxy/wire/text.hpp"

#include <algorithm>

namespace postern::wire {
namespace {

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80", as some proxies write them; empty when it is neither.
std::string_view address_in(std::string_view element) {
    if (ipv4_address(element) || ipv6_address(element)) return element;
    const std::size_t colon = element.rfind(':');
    const bool port = colon != std::string_view::npos && only(digit_char, element.substr(colon + 1));
    std::string_view host = port ? element.substr(0, colon) : element;
    if (ipv4_address(host)) return host;
    if (host.size() < 2 || host.front() != '[' || host.back() != ']') return {};
    host = host.substr(1, host.size() - 2);
    return ipv6_address(host) ? host : std::string_view{};
}

// Takes the last element off a list, trimmed.
std::string_view take_last(std::string_view& list) {
    const auto comma = list.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
    return trim(last);
}

// Each address is compared with every trusted network. No request goes through so many proxies: a longer list is made up,
// and its addresses are as good as any others of it.
constexpr int most_hops = 64;

}  // namespace

std::string_view real_client(const request_head& head, std::string_view client_ip,
                             const std::function<bool(std::string_view)>& trusted) {
    std::string_view client = client_ip;
    int hops = 0;
    for (auto h = head.headers.rbegin(); h != head.headers.rend(); ++h) {
        if (h->id != known::x_forwarded_for) continue;
        for (std::string_view list = h->value; !list.empty();) {
            const std::string_view element = take_last(list);
            if (element.empty()) continue;
            if (++hops > most_hops || !trusted(client)) return client;
            const std::string_view address = address_in(element);
            if (address.empty()) return client;
            client = address;
        }
    }
    return client;
}

}  // namespace postern::wire
