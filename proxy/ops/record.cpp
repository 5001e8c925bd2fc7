#include "proxy/ops/record.hpp"

#include "proxy/ops/text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace postern::ops {
namespace {

double milliseconds(duration d) { return std::chrono::duration<double, std::milli>(d).count(); }
double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

template <class... Args>
void add(std::string& to, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(to), format, std::forward<Args>(args)...);
}

std::string json(std::string_view text) {
    std::string out = "\"";
    append_json_text(out, text);
    return out + '"';
}

std::string plain(std::string_view text) {
    std::string out = "\"";
    append_plain_text(out, text);
    return out + '"';
}

// Braces stand outside the formats, which would need two of each.
void append_json(std::string& to, const connection_record& r) {
    to += '{';
    add(to, R"("time":"{}","id":"{:016x}","listener":{},)", timestamp(r.time), r.id, json(r.listener));
    to += R"("client":{)";
    add(to, R"("ip":{},"port":{})", json(r.client_ip), r.client_port);
    add(to, R"(}},"sni":{},"alpn":{},"tls":)", json(r.sni), json(r.alpn));
    if (r.tls) {
        to += '{';
        add(to, R"("version":{},"cipher":{},"group":{},"resumed":{},"handshake_ms":{:.3f})", json(r.tls->version),
            json(r.tls->cipher), json(r.tls->group), r.tls->resumed, milliseconds(r.tls->handshake));
        to += '}';
    } else {
        to += "null";
    }
    to += R"(,"upstream":)";
    if (r.upstream) {
        to += '{';
        add(to, R"("name":{},"peer":{},"connect_ms":{:.3f})", json(r.upstream->name), json(r.upstream->peer),
            milliseconds(r.upstream->connect));
        to += '}';
    } else {
        to += "null";
    }
    to += R"(,"bytes":{)";
    add(to, R"("in":{},"out":{})", r.bytes_in, r.bytes_out);
    add(to, R"(}},"duration_ms":{:.3f},"close":)", milliseconds(r.lasted));
    to += '{';
    add(to, R"("by":"{}","phase":"{}","reason":"{}","detail":{})", to_string(r.by), to_string(r.during),
        to_string(r.why), json(r.detail));
    to += "}}";
}

void append_text(std::string& to, const connection_record& r) {
    const bool v6 = r.client_ip.find(':') != std::string::npos;
    add(to, "{}{}{}:{} [{}] {} {} ", v6 ? "[" : "", r.client_ip, v6 ? "]" : "", r.client_port, timestamp(r.time),
        r.listener, plain(r.sni));
    if (r.tls)
        add(to, "{}/{}/{} ", r.tls->version, r.tls->cipher, r.tls->group.empty() ? "-" : r.tls->group);
    else
        to += "- ";
    if (r.upstream)
        add(to, "{}/{} ", r.upstream->name, r.upstream->peer.empty() ? "-" : r.upstream->peer);
    else
        to += "- ";
    add(to, "in={} out={} time={:.3f} ", r.bytes_in, r.bytes_out, seconds(r.lasted));
    if (r.tls)
        add(to, "handshake={:.3f} resumed={} alpn={} ", seconds(r.tls->handshake), r.tls->resumed ? 'r' : '.',
            plain(r.alpn));
    if (r.upstream) add(to, "connect={:.3f} ", seconds(r.upstream->connect));
    add(to, "close={}/{}/{} {} id={:016x}", to_string(r.by), to_string(r.during), to_string(r.why), plain(r.detail),
        r.id);
}

}  // namespace

void append_line(std::string& to, const connection_record& r, config::log_format format) {
    format == config::log_format::json ? append_json(to, r) : append_text(to, r);
    to += '\n';
}

}  // namespace postern::ops
