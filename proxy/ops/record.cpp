#include "proxy/ops/record.hpp"

#include "proxy/ops/line.hpp"

namespace postern::ops {
namespace {

void append_json(std::string& to, const connection_record& of, const connection_outcome& o) {
    append(to, R"({"time":")", of.time, R"(","id":")", hex_id{of.id}, R"(","listener":)", json_string{of.listener});
    append(to, R"(,"client":{"ip":)", json_string{of.client_ip}, R"(,"port":)", of.client_port);
    append(to, R"(},"sni":)", json_string{of.sni}, R"(,"alpn":)", json_string{of.alpn}, R"(,"tls":)", of.tls,
           R"(,"client_cert":)", of.client_certificate.get());
    if (o.upstream)
        append(to, R"(,"upstream":{"name":)", json_string{o.upstream->name}, R"(,"peer":)",
               json_string{o.upstream->peer}, R"(,"connect_ms":)", in_milliseconds{o.upstream->connect}, "}");
    else
        append(to, R"(,"upstream":null)");
    append(to, R"(,"bytes":{"in":)", o.bytes_in, R"(,"out":)", o.bytes_out);
    append(to, R"(},"duration_ms":)", in_milliseconds{o.lasted}, R"(,"close":)",
           ending{o.by, o.during, o.why, o.detail}, "}");
}

void append_text(std::string& to, const connection_record& of, const connection_outcome& o) {
    const bool v6 = of.client_ip.find(':') != std::string::npos;
    append(to, v6 ? "[" : "", of.client_ip, v6 ? "]:" : ":", of.client_port, " [", of.time, "] ", of.listener, " ",
           plain_string{of.sni});
    if (of.tls)
        append(to, " ", of.tls->version, "/", of.tls->cipher, "/", of.tls->group.empty() ? "-" : of.tls->group);
    else
        to += " -";
    if (o.upstream)
        append(to, " ", o.upstream->name, "/", o.upstream->peer.empty() ? "-" : o.upstream->peer);
    else
        to += " -";
    append(to, " in=", o.bytes_in, " out=", o.bytes_out, " time=", in_seconds{o.lasted});
    if (of.tls)
        append(to, " handshake=", in_seconds{of.tls->handshake}, " resumed=", of.tls->resumed ? "r" : ".",
               " alpn=", plain_string{of.alpn});
    if (o.upstream) append(to, " connect=", in_seconds{o.upstream->connect});
    append(to, " close=", to_string(o.by), "/", to_string(o.during), "/", to_string(o.why), " ", plain_string{o.detail},
           " id=", hex_id{of.id});
}

}  // namespace

void append_line(std::string& to, const connection_record& of, const connection_outcome& o, config::log_format format) {
    format == config::log_format::json ? append_json(to, of, o) : append_text(to, of, o);
    to += '\n';
}

}  // namespace postern::ops
