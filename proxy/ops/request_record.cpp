#include "proxy/ops/request_record.hpp"

#include "proxy/ops/line.hpp"
#include "proxy/ops/local_time.hpp"
#include "proxy/ops/text.hpp"

namespace postern::ops {
namespace {

void append_upstream(std::string& to, const std::optional<request_upstream>& upstream) {
    if (!upstream) {
        to += "null";
        return;
    }
    const auto& u = *upstream;
    append(to, R"({"name":)", json_string{u.name}, R"(,"peer":)", json_string{u.peer}, R"(,"status":)", u.status,
           R"(,"connect_ms":)", in_milliseconds{u.connect}, R"(,"first_byte_ms":)");
    if (u.first_byte)
        append(to, in_milliseconds{*u.first_byte});
    else
        to += "null";
    append(to, R"(,"reused":)", u.reused, "}");
}

void append_json(std::string& to, const connection_record& of, const request_record& r) {
    append(to, R"({"time":")", r.time, R"(","id":")", r.id, R"(","connection":")", hex_id{of.id}, R"(","listener":)",
           json_string{of.listener});
    append(to, R"(,"client":{"ip":)", json_string{of.client_ip}, R"(,"port":)", of.client_port);
    append(to, R"(},"sni":)", json_string{of.sni}, R"(,"alpn":)", json_string{of.alpn}, R"(,"tls":)", of.tls,
           R"(,"client_cert":)", of.client_certificate.get());
    append(to, R"(,"request":{"method":)", json_string{r.method}, R"(,"target":)", json_string{r.target}, R"(,"host":)",
           json_string{r.host}, R"(,"protocol":)", json_string{r.protocol}, R"(,"referer":)", json_string{r.referer},
           R"(,"user_agent":)", json_string{r.user_agent});
    append(to, R"(},"status":)", r.status, R"(,"upstream":)");
    append_upstream(to, r.upstream);
    append(to, R"(,"bytes":{"in":)", r.bytes_in, R"(,"out":)", r.bytes_out, R"(,"body_out":)", r.body_bytes_out);
    append(to, R"(},"duration_ms":)", in_milliseconds{r.lasted}, R"(,"close":)",
           ending{r.by, r.during, r.why, r.detail}, "}");
}

void append_or_dash(std::string& to, std::string_view text) {
    if (text.empty())
        to += '-';
    else
        append_plain_text(to, text);
}

// nginx's $request: the request line.
void append_request(std::string& to, const request_record& r) {
    append_or_dash(to, r.method);
    if (r.method.empty()) return;
    to += ' ';
    append_plain_text(to, r.target);
    if (r.protocol.empty()) return;
    to += ' ';
    append_plain_text(to, r.protocol);
}

// Requests end in the order of their lines, so a thread meets the same second again and again.
std::string_view end_of(const request_record& r) {
    static thread_local local_clock clock;
    return clock.local_time(r.time + std::chrono::duration_cast<std::chrono::system_clock::duration>(r.lasted));
}

void append_text(std::string& to, const connection_record& of, const request_record& r) {
    append_or_dash(to, of.client_ip);
    append(to, " - - [", end_of(r), "] \"");
    append_request(to, r);
    append(to, "\" ", r.status < 10 ? "00" : r.status < 100 ? "0" : "", r.status, " ", r.body_bytes_out, " \"");
    append_or_dash(to, r.referer);
    to += "\" \"";
    append_or_dash(to, r.user_agent);
    to += '"';
}

}  // namespace

void append_line(std::string& to, const connection_record& of, const request_record& r, config::log_format format) {
    format == config::log_format::json ? append_json(to, of, r) : append_text(to, of, r);
    to += '\n';
}

}  // namespace postern::ops
