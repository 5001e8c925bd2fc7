// Heads as they are sent on: written anew from what was parsed, so that nothing can hide in them (RFC 9110 section 7.6,
// RFC 9112 section 6.3, RFC 7239). Pure.
#pragma once

#include "proxy/wire/body.hpp"
#include "proxy/wire/head.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::wire {

// A header that the operator sets; an empty value means: not at all (nginx's proxy_set_header). What concerns the
// connection, and what is no header (a line end in a value, say), is not sent either.
struct set_header {
    std::string name;
    std::string value;
};

// What we know of the client and say to the backend.
struct request_context {
    std::string_view client_ip = {};  // of the connection
    bool trusted = false;             // the client is one of trusted_proxies: what it says of its own clients is kept
    std::string_view real_ip = {};    // for X-Real-IP: the client's, or what trusted proxies say it is
    std::string_view scheme = {};     // "https"
    std::string_view host = {};       // the authority that the client asked for, as received; empty: none
    std::string_view port = {};       // that it came to
    bool forwarded = false;           // send RFC 7239's Forwarded too
    bool says_client_cert = false;    // of its certificate we alone say what there is to say
    std::string_view client_cert = {};
    std::string_view client_cert_chain = {};
    std::string_view default_host = {};  // Host for a client that sent none (HTTP/1.0)
};

// Appends the request for the backend, always HTTP/1.1: request line with `target`; Host; the client's headers but for
// those that concern the connection, those that Connection names, those that we or the operator set (also when spelt
// with `_` for `-`, which CGI cannot tell apart); X-Forwarded-For, -Proto, -Host, -Port, X-Real-IP, Forwarded if wanted;
// Client-Cert and Client-Cert-Chain, ours or what a trusted client says; the operator's; the body's length; Connection and Upgrade for an upgrade. A Connection option takes away nothing of what
// we set.
void append_request(std::string& to, const request_head& head, std::string_view target, const request_context& context,
                    std::span<const set_header> set);

struct response_context {
    http_version client_version = http_version::http_1_1;
    bool close = false;                        // this is the connection's last response
    body_length body = {};                     // as it will be sent
    std::string_view date = {};                // for a backend that sends no Date (RFC 9110 section 6.6.1)
    std::span<const set_header> instead = {};  // goes before what the backend, or `add`, says under the same name
};

// Appends the response for the client, always HTTP/1.1: status line; the backend's headers but for those that concern the
// connection; `add` (nginx's add_header: the backend's header of that name stays beside it), the body's length,
// Connection where it says more than the version does; Connection and Upgrade of a 101. A 1xx or 204 has no body's length;
// a 304 or an answer to HEAD has the length that the backend told.
void append_response(std::string& to, const response_head& head, const response_context& context,
                     std::span<const set_header> add);

// append_last_chunk for a request: of its trailers, those that the operator sets are not passed on either.
void append_last_chunk(std::string& to, const std::vector<header>& trailers, std::span<const set_header> set);

// The real client as trusted proxies tell it: the last address of X-Forwarded-For that `trusted` does not accept, else
// the first; `client_ip` when there is none, or when it is not trusted itself (nginx's real_ip_recursive). Ports are left
// out; what is no address ends the list, since nobody knows who wrote what is before it.
[[nodiscard]] std::string_view real_client(const request_head& head, std::string_view client_ip,
                                           const std::function<bool(std::string_view)>& trusted);

}  // namespace postern::wire
