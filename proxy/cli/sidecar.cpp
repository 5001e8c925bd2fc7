#include "proxy/cli/sidecar.hpp"

#include <algorithm>

namespace postern::cli {
namespace {

constexpr std::string_view no_flag = "command line";

// In double quotes every text is one scalar to YAML, whatever stands in it.
std::string in_quotes(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < ' ' || byte == 127) {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string values_of(const sidecar& flags, const sidecar_flag& row) {
    const auto& values = flags.*row.values;
    if (!row.many) return in_quotes(values.back());
    std::string list;
    for (const auto& v : values) list += (list.empty() ? "" : ", ") + in_quotes(v);
    return "[" + list + "]";
}

// The given flags whose key is directly inside `block`, as YAML's `key: value, ...`.
std::string keys_in(const sidecar& flags, std::string_view block) {
    std::string text;
    for (const auto& row : sidecar_flags()) {
        if ((flags.*row.values).empty()) continue;
        const auto dot = row.key.rfind('.');
        const auto outer = dot == std::string_view::npos ? std::string_view() : row.key.substr(0, dot);
        if (outer != block) continue;
        const auto name = dot == std::string_view::npos ? row.key : row.key.substr(dot + 1);
        text += (text.empty() ? "" : ", ") + std::string(name) + ": " + values_of(flags, row);
    }
    return text;
}

std::string yaml_of(const sidecar& flags) {
    std::string text;
    if (const auto global = keys_in(flags, ""); !global.empty()) text += global + ", ";
    for (const std::string_view block : {"log", "admin"})
        if (const auto keys = keys_in(flags, block); !keys.empty()) text += std::string(block) + ": {" + keys + "}, ";
    return "{" + text + "servers: [{" + keys_in(flags, "servers[0]") + ", ssl: {" + keys_in(flags, "servers[0].ssl") +
           "}}]}";
}

// "servers[0].ssl.certificate[1]" is --cert's.
std::string_view flag_of(std::string_view key) {
    for (const auto& row : sidecar_flags())
        if (key == row.key || (key.starts_with(row.key) && key[row.key.size()] == '[')) return row.flag;
    return no_flag;
}

}  // namespace

const std::vector<sidecar_flag>& sidecar_flags() {
    static const std::vector<sidecar_flag> rows{
        {"--listen", "ADDRESS", &sidecar::listen, "servers[0].listen", true, true,
         "where clients connect: 443, 127.0.0.1:8443 or [::]:443; may be repeated"},
        {"--cert", "FILE", &sidecar::certificate, "servers[0].ssl.certificate", true, true,
         "the certificate, then its issuers, as PEM; repeated for RSA and ECDSA"},
        {"--key", "FILE", &sidecar::key, "servers[0].ssl.certificate_key", false, true,
         "the key of each --cert, in the same order; none when --cert holds it"},
        {"--proxy-pass", "DESTINATION", &sidecar::proxy_pass, "servers[0].proxy_pass", true, false,
         "where decrypted connections or requests go: tcp://HOST:PORT, unix:/path or http://HOST:PORT"},
        {"--user", "USER[:GROUP]", &sidecar::user, "user", false, false, "whom to become when started as root"},
        {"--workers", "N", &sidecar::workers, "workers", false, false,
         "threads that serve connections; auto is one a CPU, the default"},
        {"--log-level", "LEVEL", &sidecar::log_level, "log.level", false, false, "debug, info, warning or error"},
        {"--log-format", "FORMAT", &sidecar::log_format, "log.format", false, false, "text or json"},
        {"--access-log", "WHERE", &sidecar::access_log, "log.access", false, false,
         "a path, stdout, stderr, syslog, journal or off"},
        {"--admin", "ADDRESS", &sidecar::admin, "admin.listen", false, false,
         "where a page for people (/), /status, /healthz, /readyz and /metrics are answered; not by default"},
    };
    return rows;
}

config::document sidecar_document(const sidecar& flags) {
    auto doc = config::parse(yaml_of(flags), std::string(no_flag));
    for (auto& [key, where] : doc.places) where = {std::string(flag_of(key)), 0, 0};
    for (auto& p : doc.problems) {
        p.where = {std::string(flag_of(p.key)), 0, 0};
        // The flag is the key's name here.
        if (p.where.file != no_flag) p.key.clear();
    }
    return doc;
}

}  // namespace postern::cli
