#include "proxy/wire/fields.hpp"
#include "proxy/wire/forwarding.hpp"
#include "proxy/wire/names.hpp"
#include "proxy/wire/text.hpp"
#include "proxy/wire/writer.hpp"

#include <algorithm>
#include <array>

namespace postern::wire {
namespace {

constexpr std::array<std::pair<std::string_view, known>, 9> ours{{
    {"Host", known::host},
    {"Client-Cert", known::client_cert},
    {"Client-Cert-Chain", known::client_cert_chain},
    {"X-Forwarded-For", known::x_forwarded_for},
    {"X-Forwarded-Proto", known::x_forwarded_proto},
    {"X-Forwarded-Host", known::x_forwarded_host},
    {"X-Forwarded-Port", known::x_forwarded_port},
    {"X-Real-IP", known::x_real_ip},
    {"Forwarded", known::forwarded},
}};

bool written_by_us(known id) {
    return std::any_of(ours.begin(), ours.end(), [id](const auto& each) { return each.second == id; });
}

// Spelt with `_`, so that it is none of the fields that we know, but would be one of them in CGI's variables.
bool imitates(std::string_view name) {
    if (name.find('_') == std::string_view::npos) return false;
    return concerns_connection(name) ||
           std::any_of(ours.begin(), ours.end(), [name](const auto& each) { return same_field(each.first, name); });
}

void append_client_headers(std::string& to, const request_head& head, std::span<const set_header> set) {
    const auto options = read_connection(head.headers);
    for (const auto& h : head.headers) {
        if (concerns_connection(h.id) || written_by_us(h.id) || imitates(h.name)) continue;
        if (h.id == known::expect && (!head.expect_continue || h.value.empty())) continue;
        if (named_by_connection(options.others(), h.name)) continue;
        if (sets(set, h.name)) continue;
        append_line(to, h.name, h.value);
    }
}

// All values of these headers, as one list.
bool append_values(std::string& to, const request_head& head, known id) {
    bool some = false;
    for (const auto& h : head.headers) {
        if (h.id != id || h.value.empty()) continue;
        if (some) to.append(", ");
        to.append(h.value);
        some = true;
    }
    return some;
}

// RFC 7239 section 4: a token as it is, anything else in quotes.
void append_parameter(std::string& to, std::string_view value) {
    if (only(token_char, value)) {
        to.append(value);
        return;
    }
    to += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') to += '\\';
        to += c;
    }
    to += '"';
}

void append_forwarded(std::string& to, const request_context& context) {
    to.append("for=");
    if (context.client_ip.find(':') == std::string_view::npos) {
        append_parameter(to, context.client_ip);
    } else {
        to.append("\"[").append(context.client_ip).append("]\"");
    }
    if (!context.host.empty()) {
        to.append(";host=");
        append_parameter(to, context.host);
    }
    to.append(";proto=").append(context.scheme);
}

// Writes one of our headers: what the client said first, if that is kept, and what we say.
class own_headers {
public:
    own_headers(std::string& to, const request_head& head, const request_context& context,
                std::span<const set_header> set)
        : to_(to), head_(head), context_(context), set_(set) {}

    void append(std::string_view name, std::string_view value) {
        if (!sets(set_, name) && !value.empty()) append_line(to_, name, value);
    }
    // A trusted client's value instead of ours.
    void append_or_kept(std::string_view name, known id, std::string_view value) {
        if (sets(set_, name)) return;
        begin(name);
        if (!context_.trusted || !append_values(to_, head_, id)) to_.append(value);
        end();
    }
    // A trusted client's list with ours behind it.
    template <typename Append>
    void append_to_kept(std::string_view name, known id, Append&& append_ours) {
        if (sets(set_, name)) return;
        begin(name);
        if (context_.trusted && append_values(to_, head_, id)) to_.append(", ");
        append_ours();
        end();
    }

private:
    void begin(std::string_view name) {
        line_ = to_.size();
        to_.append(name).append(": ");
        value_ = to_.size();
    }
    // A header without a value is left out.
    void end() {
        if (to_.size() == value_) {
            to_.resize(line_);
        } else {
            to_.append("\r\n");
        }
    }

    std::string& to_;
    const request_head& head_;
    const request_context& context_;
    std::span<const set_header> set_;
    std::size_t line_ = 0;
    std::size_t value_ = 0;
};

void append_own_headers(std::string& to, const request_head& head, const request_context& context,
                        std::span<const set_header> set) {
    own_headers own(to, head, context, set);
    own.append_to_kept("X-Forwarded-For", known::x_forwarded_for, [&] { to.append(context.client_ip); });
    own.append_or_kept("X-Forwarded-Proto", known::x_forwarded_proto, context.scheme);
    own.append_or_kept("X-Forwarded-Host", known::x_forwarded_host, context.host);
    own.append_or_kept("X-Forwarded-Port", known::x_forwarded_port, context.port);
    own.append("X-Real-IP", context.real_ip);
    if (context.forwarded) {
        own.append_to_kept("Forwarded", known::forwarded, [&] { append_forwarded(to, context); });
    } else {
        own.append_or_kept("Forwarded", known::forwarded, {});
    }
    // RFC 9440 section 4.
    if (context.says_client_cert) {
        own.append("Client-Cert", context.client_cert);
        own.append("Client-Cert-Chain", context.client_cert_chain);
    } else {
        own.append_or_kept("Client-Cert", known::client_cert, {});
        own.append_or_kept("Client-Cert-Chain", known::client_cert_chain, {});
    }
}

}  // namespace

void append_request(std::string& to, const request_head& head, std::string_view target, const request_context& context,
                    std::span<const set_header> set) {
    to.append(head.method).append(" ").append(target).append(" HTTP/1.1\r\n");
    // First, as RFC 9110 section 7.2 wants it.
    if (!sets(set, "Host")) append_line(to, "Host", context.host.empty() ? context.default_host : context.host);
    append_client_headers(to, head, set);
    append_own_headers(to, head, context, set);
    append_set(to, set);
    append_body_length(to, head.body);
    if (!head.upgrade.empty()) {
        append_line(to, "Connection", "upgrade");
        append_line(to, "Upgrade", head.upgrade);
    }
    to.append("\r\n");
}

}  // namespace postern::wire
