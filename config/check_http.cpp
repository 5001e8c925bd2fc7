// What stands in the way of serving HTTP: headers that cannot be set, redirects in a circle, and keys that mean nothing
// to TCP or without TLS.
#include "config/complaints.hpp"
#include "config/folded.hpp"
#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace postern::config {
namespace {

using header_list = std::vector<header_template>;

// They frame a message or belong to one connection (RFC 9110 section 7.6.1, RFC 9112 section 6).
constexpr std::array<std::string_view, 10> framing{"connection", "content-length",   "expect", "http2-settings",
                                                   "keep-alive", "proxy-connection", "te",     "transfer-encoding",
                                                   "trailer",    "upgrade"};

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return letter || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

void check_headers(const header_list& headers, const std::string& key, bool of_answers, complaints& say) {
    std::map<std::string, std::string> names;
    for (const auto& header : headers) {
        const std::string at = key + "." + header.name;
        const std::string name = folded(header.name);
        if (!is_token(header.name))
            say.refuse(at, "not a name of a header", header.name, "letters, digits and !#$%&'*+-.^_`|~");
        if (std::find(framing.begin(), framing.end(), name) != framing.end() || (of_answers && name == "date"))
            say.refuse(at, "postern writes this header itself", header.name);
        const bool breaks_lines = std::any_of(header.value.begin(), header.value.end(),
                                              [](const piece& p) { return p.value == variable::ssl_client_raw_cert; });
        if (breaks_lines)
            say.refuse(at, "a header cannot hold the line breaks of $ssl_client_raw_cert", to_string(header.value),
                       "$ssl_client_escaped_cert, $ssl_client_cert or client_cert_header: on");
        const auto [first, added] = names.emplace(name, header.name);
        if (!added) say.refuse(at, "the header stands here twice; the first is " + first->second, header.name);
    }
}

// TCP is forwarded as it comes, whatever the client speaks.
void check_tcp(const server& s, const std::string& key, complaints& say) {
    const auto refuse = [&](const char* name, const std::string& why) {
        say.refuse(key + "." + name, "a TCP server forwards bytes and " + why, {}, "a destination with http://");
    };
    if (!s.proxy_set_header.empty()) refuse("proxy_set_header", "knows no headers");
    if (!s.add_header.empty()) refuse("add_header", "knows no headers");
    if (s.return_) refuse("return", "gives no answers");
    if (s.hsts) refuse("hsts", "knows no headers");
    if (say.written(key + ".plain_http")) refuse("plain_http", "gives no answers");
}

void check_tls(const server& s, const std::string& key, complaints& say) {
    if (!s.ssl && s.hsts)
        say.refuse(key + ".hsts", "browsers heed it over TLS alone: a server with hsts needs an ssl block");
    if (!s.ssl && say.written(key + ".plain_http"))
        say.refuse(key + ".plain_http", "without an ssl block the server speaks plain HTTP anyway");
    // The header counts in seconds (RFC 6797 section 6.1.1).
    if (s.hsts && s.hsts->count() % 1000 != 0)
        say.refuse(key + ".hsts", "not whole seconds", to_string(*s.hsts), "1s or more, or 0s");
}

// The redirect keeps the host, so that a client meets this very server again.
void check_circle(const server& s, const std::string& key, complaints& say) {
    const auto port = redirect_port(s.redirect);
    if (!s.ssl || !port) return;
    const bool own = std::any_of(s.listen.begin(), s.listen.end(), [&](const endpoint& e) { return e.port == *port; });
    if (own)
        say.refuse(key + ".redirect", "the server redirects to its own port, and so in a circle", s.redirect,
                   "another port, or a server without ssl");
}

}  // namespace

std::optional<unsigned long> redirect_port(std::string_view redirect) {
    if (redirect == "https") return 443;
    if (!redirect.starts_with("https:")) return std::nullopt;
    const auto port = parse_number(redirect.substr(6));
    return port && *port > 0 && *port <= 65535 ? port : std::nullopt;
}

void check_http(const server& s, const std::string& key, complaints& say) {
    if (s.proxy_pass.type == destination::kind::tcp)
        check_tcp(s, key, say);
    else
        check_tls(s, key, say);
    check_circle(s, key, say);
    check_headers(s.proxy_set_header, key + ".proxy_set_header", false, say);
    check_headers(s.add_header, key + ".add_header", true, say);
    for (std::size_t i = 0; i < s.locations.size(); ++i) {
        const auto& own = s.locations[i];
        const std::string at = key + ".locations[" + std::to_string(i) + "]";
        if (own.proxy_set_header) check_headers(*own.proxy_set_header, at + ".proxy_set_header", false, say);
        if (own.add_header) check_headers(*own.add_header, at + ".add_header", true, say);
    }
}

}  // namespace postern::config
