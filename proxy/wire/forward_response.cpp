#include "proxy/wire/fields.hpp"
#include "proxy/wire/forwarding.hpp"
#include "proxy/wire/names.hpp"
#include "proxy/wire/writer.hpp"

namespace postern::wire {
namespace {

void append_backend_headers(std::string& to, const response_head& head, const response_context& context) {
    const auto options = read_connection(head.headers);
    for (const auto& h : head.headers) {
        const bool announces_trailers = h.id == known::trailer && context.body.type == body_length::kind::chunked;
        if (concerns_connection(h.id) && !announces_trailers) continue;
        if (named_by_connection(options.others(), h.name)) continue;
        if (sets(context.instead, h.name)) continue;
        append_line(to, h.name, h.value);
    }
}

void append_length(std::string& to, const response_head& head, body_length body) {
    if (head.status < 200 || head.status == 204) return;
    if (head.answers_head || head.status == 304) {
        // Chunks would say nothing about the body that is not there.
        body = read_framing(head.headers, head.version).body;
        if (body.type == body_length::kind::chunked) return;
    }
    append_body_length(to, body);
}

void append_connection(std::string& to, const response_head& head, const response_context& context) {
    if (head.status == 101) {
        append_line(to, "Connection", "upgrade");
        append_line(to, "Upgrade", head.upgrade);
    } else if (head.status < 200) {
        // The last word is the final response's.
    } else if (context.close) {
        append_line(to, "Connection", "close");
    } else if (context.client_version == http_version::http_1_0) {
        append_line(to, "Connection", "keep-alive");
    }
}

}  // namespace

void append_response(std::string& to, const response_head& head, const response_context& context,
                     std::span<const set_header> add) {
    to.append("HTTP/1.1 ");
    append_number(to, head.status);
    to.append(" ").append(head.reason).append("\r\n");
    append_backend_headers(to, head, context);
    if (head.status >= 200 && head.find(known::date) == nullptr && !context.date.empty())
        append_line(to, "Date", context.date);
    append_set(to, context.instead);
    for (const auto& each : add)
        if (!sets(context.instead, each.name)) append_set(to, {&each, 1});
    append_length(to, head, context.body);
    append_connection(to, head, context);
    to.append("\r\n");
}

}  // namespace postern::wire
