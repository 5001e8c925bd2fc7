#include "proxy/ops/line.hpp"

#include "certs/facts.hpp"
#include "proxy/ops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace postern::ops {
namespace {

// `thousandths` as "1.234", without the detour by floating point.
void append_thousandths(std::string& to, std::int64_t thousandths) {
    const auto counted = static_cast<std::uint64_t>(std::max(thousandths, std::int64_t{0}));
    append_part(to, counted / 1000);
    const auto rest = fmt::format_int(1000 + counted % 1000);
    to += '.';
    to.append(rest.data() + 1, 3);
}

void append_names(std::string& to, const certs::client_certificate& of, certs::client_certificate::name::kind kind) {
    to += '[';
    bool first = true;
    for (const auto& name : of.names) {
        if (name.of != kind) continue;
        append(to, first ? "" : ",", json_string{name.text});
        first = false;
    }
    to += ']';
}

}  // namespace

void append_part(std::string& to, json_string part) {
    to += '"';
    append_json_text(to, part.text);
    to += '"';
}

void append_part(std::string& to, plain_string part) {
    to += '"';
    append_plain_text(to, part.text);
    to += '"';
}

void append_part(std::string& to, hex_id part) { fmt::format_to(std::back_inserter(to), "{:016x}", part.number); }

void append_part(std::string& to, in_milliseconds part) {
    append_thousandths(to, std::chrono::round<std::chrono::microseconds>(part.time).count());
}

void append_part(std::string& to, in_seconds part) {
    append_thousandths(to, std::chrono::round<std::chrono::milliseconds>(part.time).count());
}

void append_part(std::string& to, std::chrono::system_clock::time_point part) { append_timestamp(to, part); }

void append_part(std::string& to, const ending& part) {
    append(to, R"({"by":")", to_string(part.by), R"(","phase":")", to_string(part.during), R"(","reason":")",
           to_string(part.why), R"(","detail":)", json_string{part.detail}, "}");
}

void append_part(std::string& to, const std::optional<tls_record>& part) {
    if (part)
        append(to, R"({"version":)", json_string{part->version}, R"(,"cipher":)", json_string{part->cipher},
               R"(,"group":)", json_string{part->group}, R"(,"resumed":)", part->resumed, R"(,"handshake_ms":)",
               in_milliseconds{part->handshake}, "}");
    else
        to += "null";
}

void append_part(std::string& to, const certs::client_certificate* part) {
    if (part == nullptr) {
        to += "null";
        return;
    }
    using kind = certs::client_certificate::name::kind;
    append(to, R"({"verify":)", json_string{certs::verify_text(part)}, R"(,"subject":)", json_string{part->subject},
           R"(,"issuer":)", json_string{part->issuer}, R"(,"serial":)", json_string{part->serial}, R"(,"sha256":")",
           certs::hex(part->fingerprint), R"(","san_dns":)");
    append_names(to, *part, kind::dns);
    to += R"(,"san_uri":)";
    append_names(to, *part, kind::uri);
    append(to, R"(,"not_after":")", part->not_after, R"("})");
}

void append_part(std::string& to, std::uint64_t part) {
    const fmt::format_int digits(part);
    to.append(digits.data(), digits.size());
}

}  // namespace postern::ops
