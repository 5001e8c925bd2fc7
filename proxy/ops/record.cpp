#include "proxy/ops/record.hpp"

#include "proxy/ops/line.hpp"

namespace postern::ops {
namespace {

void append_json(std::string& to, const connection_record& r) {
    append(to, R"({"time":")", r.time, R"(","id":")", hex_id{r.id}, R"(","listener":)", json_string{r.listener});
    append(to, R"(,"client":{"ip":)", json_string{r.client_ip}, R"(,"port":)", r.client_port);
    append(to, R"(},"sni":)", json_string{r.sni}, R"(,"alpn":)", json_string{r.alpn}, R"(,"tls":)", r.tls);
    if (r.upstream)
        append(to, R"(,"upstream":{"name":)", json_string{r.upstream->name}, R"(,"peer":)",
               json_string{r.upstream->peer}, R"(,"connect_ms":)", in_milliseconds{r.upstream->connect}, "}");
    else
        append(to, R"(,"upstream":null)");
    append(to, R"(,"bytes":{"in":)", r.bytes_in, R"(,"out":)", r.bytes_out);
    append(to, R"(},"duration_ms":)", in_milliseconds{r.lasted}, R"(,"close":)",
           ending{r.by, r.during, r.why, r.detail}, "}");
}

void append_text(std::string& to, const connection_record& r) {
    const bool v6 = r.client_ip.find(':') != std::string::npos;
    append(to, v6 ? "[" : "", r.client_ip, v6 ? "]:" : ":", r.client_port, " [", r.time, "] ", r.listener, " ",
           plain_string{r.sni});
    if (r.tls)
        append(to, " ", r.tls->version, "/", r.tls->cipher, "/", r.tls->group.empty() ? "-" : r.tls->group);
    else
        to += " -";
    if (r.upstream)
        append(to, " ", r.upstream->name, "/", r.upstream->peer.empty() ? "-" : r.upstream->peer);
    else
        to += " -";
    append(to, " in=", r.bytes_in, " out=", r.bytes_out, " time=", in_seconds{r.lasted});
    if (r.tls)
        append(to, " handshake=", in_seconds{r.tls->handshake}, " resumed=", r.tls->resumed ? "r" : ".",
               " alpn=", plain_string{r.alpn});
    if (r.upstream) append(to, " connect=", in_seconds{r.upstream->connect});
    append(to, " close=", to_string(r.by), "/", to_string(r.during), "/", to_string(r.why), " ", plain_string{r.detail},
           " id=", hex_id{r.id});
}

}  // namespace

void append_line(std::string& to, const connection_record& r, config::log_format format) {
    format == config::log_format::json ? append_json(to, r) : append_text(to, r);
    to += '\n';
}

}  // namespace postern::ops
