// What is said of a connection when it has ended, as one line, and what is said of it in the lines of its requests. Pure.
//
// Text begins like a line of nginx's stream module, then come words: client, time, listener, name asked for, TLS
// version/cipher/group, upstream/peer; `-` for what did not come to be. One line, here in three:
//   127.0.0.1:5555 [2026-11-24T09:30:00.123Z] 127.0.0.1:8444 "localhost" TLSv1.3/TLS_AES_128_GCM_SHA256/X25519
//   web/127.0.0.1:9001 in=123 out=456 time=0.012 handshake=0.001 resumed=. alpn="" connect=0.000
//   close=client/relay/closed "detail" id=00000000000004d2
// Times are in seconds; `resumed` is r or a dot (nginx's $ssl_session_reused); handshake, resumed and alpn are missing
// without TLS, connect without an upstream. A connection that ended before its handshake has in front of `close`, as far
// as it is known,
//   offered=TLSv1.2,TLSv1.3 offered_alpn="h2,http/1.1" alert=client/unknown_ca/48 client_cert="CN=alice" issuer="CN=root"
//   serial=0A sha256=(64 digits)
// where `alert` is who sent it, its name and its number.
//
// JSON has every key in every line; `tls`, `client_cert`, `upstream`, `offered` and `alert` are null when they did not come
// to be. The last two are of such connections alone.
#pragma once

#include "certs/client_certificate.hpp"
#include "config/settings.hpp"
#include "proxy/failure.hpp"
#include "proxy/tls/alert.hpp"
#include "proxy/tls/offers.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::ops {

using duration = std::chrono::steady_clock::duration;

// The names live as long as the TLS context, which the connection's face holds.
struct tls_record {
    std::string_view version;
    std::string_view cipher;
    std::string_view group;
    bool resumed = false;
    duration handshake{};
};

// nginx's $request_id: 32 hexadecimal digits.
struct request_id {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
};

struct upstream_record {
    std::string_view name;  // of the group, or the address as configured; somebody else's string
    std::string peer;       // the address that was reached; empty when none was
    duration connect{};
};

// What is known of a connection when its handshake is over. Kept as long as it lasts, so there is nothing in it that
// could be left for the end.
struct connection_record {
    std::chrono::system_clock::time_point time;  // of the accept
    std::uint64_t id = 0;
    std::string_view listener;  // somebody else's string
    std::string client_ip;
    std::uint16_t client_port = 0;
    std::optional<std::uint8_t> versions = {};  // offered, as in tls::client_hello; nothing: no hello was read
    std::string sni;
    std::string alpn;
    std::optional<tls_record> tls;
    std::unique_ptr<const certs::client_certificate> client_certificate;  // null: none was shown
    std::unique_ptr<const tls::offers> offered;  // null unless the configuration names any of it
};

// ... and when all of it is.
struct connection_outcome {
    std::optional<upstream_record> upstream;
    std::uint64_t bytes_in = 0;   // plaintext from the client
    std::uint64_t bytes_out = 0;  // plaintext to the client
    duration lasted{};
    party by = party::postern;
    phase during = phase::hello;
    reason why = reason::internal;
    std::string detail;
    // Where the handshake was not done, or refused after all.
    std::optional<tls::alert> alert = {};
    std::vector<std::string_view> offered_alpn = {};
};

// Whether it is because of that which fails_handshake() tells, or because nobody wanted it any more.
[[nodiscard]] inline bool ended_before_handshake(const connection_outcome& o) {
    return o.during == phase::hello || o.during == phase::handshake;
}

// Appends the line with its newline.
void append_line(std::string& to, const connection_record& of, const connection_outcome& o, config::log_format format);

}  // namespace postern::ops
