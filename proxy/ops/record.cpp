#include "proxy/ops/record.hpp"

#include "certs/facts.hpp"
#include "proxy/ops/line.hpp"
#include "proxy/ops/text.hpp"

#include <array>
#include <utility>

namespace postern::ops {
namespace {

constexpr std::array<std::string_view, 4> version_names{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

template <class Use>
void for_each_version(std::uint8_t versions, Use use) {
    for (std::size_t i = 0; i < version_names.size(); ++i)
        if ((versions >> i & 1) != 0) use(version_names[i]);
}

void append_offered_json(std::string& to, const connection_record& of, const connection_outcome& o) {
    if (!of.versions || !ended_before_handshake(o)) {
        to += "null";
        return;
    }
    std::string_view between;
    to += R"({"versions":[)";
    for_each_version(*of.versions, [&](auto name) { append(to, std::exchange(between, ","), json_string{name}); });
    between = {};
    to += R"(],"alpn":[)";
    for (const auto name : o.offered_alpn) append(to, std::exchange(between, ","), json_string{name});
    to += "]}";
}

void append_alert_json(std::string& to, const std::optional<tls::alert>& alert) {
    if (alert)
        append(to, R"({"by":")", alert->from_client ? "client" : "postern", R"(","number":)",
               std::uint64_t{alert->number}, R"(,"name":")", tls::alert_name(alert->number), R"("})");
    else
        to += "null";
}

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
    append(to, R"(},"duration_ms":)", in_milliseconds{o.lasted}, R"(,"offered":)");
    append_offered_json(to, of, o);
    to += R"(,"alert":)";
    append_alert_json(to, o.alert);
    append(to, R"(,"close":)", ending{o.by, o.during, o.why, o.detail}, "}");
}

// What was tried, as far as it is known.
void append_attempt_text(std::string& to, const connection_record& of, const connection_outcome& o) {
    std::string_view between = " offered=";
    if (of.versions) for_each_version(*of.versions, [&](auto name) { append(to, std::exchange(between, ","), name); });
    between = " offered_alpn=\"";
    for (const auto name : o.offered_alpn) {
        to += std::exchange(between, ",");
        append_plain_text(to, name);
    }
    if (!o.offered_alpn.empty()) to += '"';
    if (o.alert)
        append(to, " alert=", o.alert->from_client ? "client/" : "postern/", tls::alert_name(o.alert->number), "/",
               std::uint64_t{o.alert->number});
    if (const auto* shown = of.client_certificate.get())
        append(to, " client_cert=", plain_string{shown->subject}, " issuer=", plain_string{shown->issuer},
               " serial=", shown->serial, " sha256=", certs::hex(shown->fingerprint));
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
    if (ended_before_handshake(o)) append_attempt_text(to, of, o);
    append(to, " close=", to_string(o.by), "/", to_string(o.during), "/", to_string(o.why), " ", plain_string{o.detail},
           " id=", hex_id{of.id});
}

}  // namespace

void append_line(std::string& to, const connection_record& of, const connection_outcome& o, config::log_format format) {
    format == config::log_format::json ? append_json(to, of, o) : append_text(to, of, o);
    to += '\n';
}

}  // namespace postern::ops
