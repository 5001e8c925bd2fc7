#include "proxy/session/variables.hpp"

#include "proxy/ops/line.hpp"
#include "proxy/session/client_variables.hpp"
#include "proxy/session/location.hpp"
#include "proxy/upstream/address.hpp"
#include "proxy/wire/target.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include <unistd.h>

namespace postern::session {
namespace {

using config::variable;

std::string host_of(const variable_source& from) {
    const auto parts = wire::parse_authority(from.context.host);
    if (!parts) return std::string(first_name(from.server));
    std::string name(parts->name);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return name;
}

std::string forwarded_for(const variable_source& from) {
    std::string all;
    if (from.context.trusted)
        for (const auto& h : from.head.headers)
            if (h.id == wire::known::x_forwarded_for) all.append(h.value).append(", ");
    return all.append(from.context.client_ip);
}

std::string seconds_now() {
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    std::string text = std::to_string(now.count());
    return text.insert(text.size() - 3, ".");
}

std::string local_time() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    std::array<char, 64> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &parts);
    std::string out(text.data(), size);
    return out.insert(out.size() - 2, ":");
}

std::string hostname() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

// The path is decoded: what could end a header is encoded again.
std::string without_control_characters(std::string_view path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

std::string local_host(net::stream& client) {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    auto* any = reinterpret_cast<sockaddr*>(&local);
    return ::getsockname(client.socket().native_handle(), any, &size) == 0 ? upstream::address(*any).host()
                                                                           : std::string();
}

std::string text_of(auto id) {
    std::string digits;
    ops::append(digits, id);
    return digits;
}

std::string value_of(variable v, const variable_source& from) {
    const auto& c = from.connection;
    switch (v) {
        case variable::host: return host_of(from);
        case variable::http_host: return std::string(from.context.host);
        case variable::hostname: return hostname();
        case variable::remote_addr: return c.client_ip;
        case variable::remote_port: return std::to_string(c.client_port);
        case variable::server_addr: return local_host(from.client);
        case variable::server_port: return std::string(from.context.port);
        case variable::server_name: return std::string(first_name(from.server));
        case variable::scheme: return std::string(from.context.scheme);
        case variable::request_method: return std::string(from.head.method);
        case variable::request_uri: return std::string(from.head.target);
        case variable::uri: return without_control_characters(from.path);
        case variable::args: return std::string(wire::query_of(from.head.target));
        case variable::connection: return text_of(ops::hex_id{c.id});
        case variable::request_id: return text_of(from.request_id);
        case variable::proxy_add_x_forwarded_for: return forwarded_for(from);
        case variable::ssl_protocol: return c.tls ? std::string(c.tls->version) : std::string();
        case variable::ssl_cipher: return c.tls ? std::string(c.tls->cipher) : std::string();
        case variable::ssl_curve: return c.tls ? std::string(c.tls->group) : std::string();
        case variable::ssl_server_name: return c.sni;
        case variable::ssl_session_reused: return !c.tls ? std::string() : c.tls->resumed ? "r" : ".";
        case variable::ssl_alpn_protocol: return c.alpn;
        case variable::msec: return seconds_now();
        case variable::time_iso8601: return local_time();
        default: return client_value(v, c);
    }
}

}  // namespace

std::string expand(const config::text_template& text, const variable_source& from) {
    std::string out;
    for (const auto& piece : text) out += piece.value ? value_of(*piece.value, from) : piece.text;
    return out;
}

std::vector<wire::set_header> expand(const std::vector<config::header_template>& headers, const variable_source& from) {
    std::vector<wire::set_header> out;
    out.reserve(headers.size());
    for (const auto& h : headers) out.push_back({h.name, expand(h.value, from)});
    return out;
}

}  // namespace postern::session
