// The whole configuration as values. The member initialisers ARE the defaults; the rows in fields.hpp name,
// document and bound each member, and everything an operator reads is printed from those rows.
#pragma once

#include "config/answer.hpp"
#include "config/endpoint.hpp"
#include "config/network.hpp"
#include "config/text_template.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::config {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

enum class protocol : std::uint8_t { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

enum class verify_mode : std::uint8_t {
    off,             // no certificate is asked for
    on,              // one is required, and must verify
    optional,        // one may be missing, but must verify if sent
    optional_no_ca,  // one may be missing or signed by anyone
};

// nginx's ssl_session_cache. Concerns TLS 1.2 session ids, and TLS 1.3 only while tickets are off.
struct session_cache {
    enum class kind : std::uint8_t {
        off,      // resumption by id is refused openly
        none,     // resumption by id is pretended to be possible, nothing is stored
        builtin,  // stored by each worker for itself
        shared,   // stored once for all workers
    };
    kind type = kind::none;
    std::string name;      // of a shared cache; empty when `shared:10m` names none
    std::size_t size = 0;  // builtin: sessions (0: OpenSSL's 20480); shared: bytes
    bool operator==(const session_cache&) const = default;
};

// The ssl block: nginx's directives without the ssl_ prefix. Paths are absolute once parsed.
struct ssl {
    std::vector<std::string> certificate;
    std::vector<std::string> certificate_key;
    std::string password_file;
    std::vector<protocol> protocols{protocol::tls_1_2, protocol::tls_1_3};
    // Forward-secret AEAD suites, the cheaper to compute first.
    std::string ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
                          "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
    std::string ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
    std::string ecdh_curve = "auto";
    std::string dhparam;
    bool prefer_server_ciphers = true;
    std::vector<std::string> conf_command;  // NAME VALUE
    config::session_cache session_cache;
    milliseconds session_timeout = 5min;
    bool session_tickets = true;
    // Whose tickets resume here; of these two one at most, and without both tls_options' count.
    std::vector<std::string> session_ticket_key;
    std::vector<std::string> session_ticket_secret;
    std::size_t buffer_size = 16 * 1024;
    std::vector<std::string> alpn;
    bool reject_handshake = false;
    std::optional<milliseconds> handshake_timeout;  // unset: limits.handshake_timeout
    std::string client_certificate;
    std::string trusted_certificate;
    std::string crl;
    verify_mode verify_client = verify_mode::off;
    unsigned verify_depth = 1;
    bool stapling = false;
    std::string stapling_file;
    std::string stapling_responder;
    bool stapling_verify = false;

    bool operator==(const ssl&) const = default;
};

// Where connections or requests go: `tcp://`, `http://`, or `unix:` (TCP over a unix socket) and a destination that is
// either an address or the name of an upstream group.
struct destination {
    enum class kind : std::uint8_t { none, tcp, http };
    kind type = kind::none;
    std::string upstream;  // name of the group in `upstreams`; empty when `address` is meant
    endpoint address;
    std::string uri;  // http: the path that replaces the location's prefix; empty: the target goes through as received

    bool operator==(const destination&) const = default;
};

// A rule of `allow`: what it names, a client's certificate must have all of. Empty: not looked at.
struct allow_rule {
    std::string cn = {};
    std::string ou = {};
    std::string san_dns = {};
    std::string san_uri = {};
    std::optional<network> san_ip = {};
    std::string san_email = {};
    std::string spki_sha256 = {};  // 64 digits

    bool operator==(const allow_rule&) const = default;
};

struct upstream {
    std::string name;  // its key under `upstreams`
    std::vector<endpoint> servers;
    std::size_t keepalive = 32;
    unsigned max_fails = 1;
    milliseconds fail_timeout = 10s;
    milliseconds keepalive_timeout = 60s;
    unsigned keepalive_requests = 1000;
    std::optional<milliseconds> proxy_connect_timeout;  // unset: the server's

    bool operator==(const upstream&) const = default;
};

struct location {
    std::string path = "/";  // without the `= ` that makes it exact
    bool exact = false;      // this path alone; else it and all that begin with it
    destination proxy_pass;
    std::optional<answer> return_;
    // Unset: the server's.
    std::optional<std::vector<header_template>> proxy_set_header;
    std::optional<std::vector<header_template>> add_header;
    std::optional<std::size_t> client_max_body_size;
    std::optional<milliseconds> proxy_connect_timeout;
    std::optional<milliseconds> proxy_read_timeout;
    std::optional<milliseconds> proxy_send_timeout;

    bool operator==(const location&) const = default;
};

// What a plain HTTP request on a TLS port gets.
enum class plain_http : std::uint8_t {
    reject,    // 400, as nginx answers
    redirect,  // 301 to the same place over https
};

// nginx's large_client_header_buffers: a request line or a header line fits into one, the whole head into all of them.
struct header_buffers {
    unsigned number = 4;
    std::size_t size = 8 * 1024;

    bool operator==(const header_buffers&) const = default;
};

struct server {
    std::vector<endpoint> listen;
    bool default_server = false;
    std::vector<std::string> server_name;
    std::optional<config::ssl> ssl;  // absent: plain HTTP
    std::vector<allow_rule> allow;   // one is enough; without any, every client that verify_client lets in may
    destination proxy_pass;
    std::string redirect;  // "https" or "https:8448"
    std::optional<answer> return_;
    std::vector<location> locations;
    milliseconds proxy_connect_timeout = 60s;
    milliseconds proxy_timeout = 10min;  // TCP: the longest silence in both directions (nginx's stream module)
    milliseconds proxy_read_timeout = 60s;
    milliseconds proxy_send_timeout = 60s;
    milliseconds client_header_timeout = 60s;
    milliseconds client_body_timeout = 60s;
    milliseconds send_timeout = 60s;
    milliseconds keepalive_timeout = 75s;  // 0: every response closes
    unsigned keepalive_requests = 1000;
    std::size_t client_max_body_size = 0;  // 0: unlimited
    header_buffers large_client_header_buffers;
    std::vector<header_template> proxy_set_header;
    std::vector<header_template> add_header;
    bool forwarded = false;
    bool client_cert_header = false;
    bool client_cert_chain_header = false;
    config::plain_http plain_http = config::plain_http::reject;
    std::optional<milliseconds> hsts;  // whole seconds; absent: no Strict-Transport-Security

    bool operator==(const server&) const = default;
};

struct limits {
    std::size_t connections = 20000;
    std::size_t handshakes_in_flight = 512;
    std::size_t handshakes_waiting = 4096;
    unsigned handshake_rate = 0;              // 0: no limit
    unsigned handshake_rate_per_address = 0;  // likewise
    milliseconds handshake_timeout = 10s;

    bool operator==(const limits&) const = default;
};

enum class log_level : std::uint8_t { debug, info, warning, error };
enum class log_format : std::uint8_t { text, json };

struct log {
    log_level level = log_level::info;
    log_format format = log_format::text;
    std::string file = "stderr";  // as parse_log_target reads it
    std::string access = "stdout";
    unsigned handshake_failures_per_second = 100;  // 0: no limit

    bool operator==(const log&) const = default;
};

struct admin {
    std::optional<endpoint> listen;  // absent: no admin listener

    bool operator==(const admin&) const = default;
};

// Files that are looked at while we run, and reloaded when they have changed.
struct watch {
    bool enabled = true;
    milliseconds debounce = 1s;

    bool operator==(const watch&) const = default;
};

enum class key_schedule : std::uint8_t { postern, openssl };

enum class handshake_by : std::uint8_t { postern, openssl };

struct tls_options {
    config::key_schedule key_schedule = config::key_schedule::postern;
    handshake_by handshake = handshake_by::postern;
    // For servers that name neither. Without both, keys are made at the start and known to this process alone.
    std::vector<std::string> session_ticket_key;
    std::vector<std::string> session_ticket_secret;
    milliseconds session_ticket_rotation = 1h;

    bool operator==(const tls_options&) const = default;
};

struct settings {
    unsigned workers = 0;  // 0: `auto`, one a CPU that the process may use
    std::string user;      // user[:group] to become when started as root; empty: stay
    milliseconds shutdown_timeout = 30s;
    std::string state_directory;  // empty: nothing outlives the process
    milliseconds wait_for_certificate = 0ms;
    config::watch watch;
    config::limits limits;
    config::log log;
    config::admin admin;
    tls_options tls;
    std::vector<network> trusted_proxies;
    std::vector<upstream> upstreams;
    std::vector<server> servers;

    bool operator==(const settings&) const = default;
};

}  // namespace postern::config
