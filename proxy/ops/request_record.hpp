// What is said of an HTTP request when it has ended, as one line. Pure.
//
// Text is nginx's format `combined`, byte for byte, so that what reads nginx's lines reads ours:
//   127.0.0.1 - - [24/Nov/2026:09:30:00 +0000] "GET /a?b HTTP/1.1" 200 5 "https://from.example/" "curl/7.88.1"
// As in nginx, the time is that of the request's end, in the process's time zone, and `-` stands for what is absent. An
// empty Referer or User-Agent counts as absent.
//
// JSON has every key in every line; `tls`, `client_cert`, `upstream` and upstream's `first_byte_ms` are null when they did not come to
// be. Its time is that of the first byte; `connection` is the `id` in the connection's own line.
#pragma once

#include "config/settings.hpp"
#include "proxy/failure.hpp"
#include "proxy/ops/record.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::ops {

struct request_upstream {
    std::string_view name;               // as in upstream_record
    std::string peer;                    // the address that was asked; empty when none was reached
    duration connect{};                  // zero on a kept connection
    std::optional<duration> first_byte;  // of the answer, counted from when the request was sent; nothing: none came
    unsigned status = 0;                 // of the answer; 0: none came
    bool reused = false;                 // a connection kept from an earlier request
};

struct request_record {
    std::chrono::system_clock::time_point time;  // of its first byte
    request_id id;
    std::string method;  // this and the next five as received; empty: the request could not be read
    std::string target;
    std::string_view protocol;  // "HTTP/1.1"; empty: the line had none
    std::string host;
    std::string referer;
    std::string user_agent;
    unsigned status = 0;  // sent to the client; 499: it went away first; 444: closed without an answer
    std::optional<request_upstream> upstream;
    std::uint64_t bytes_in = 0;        // head and body as received
    std::uint64_t bytes_out = 0;       // sent to the client, head included (nginx's $bytes_sent)
    std::uint64_t body_bytes_out = 0;  // ... without the head (nginx's $body_bytes_sent)
    duration lasted{};
    party by = party::postern;  // who ended it, and how
    phase during = phase::relay;
    reason why = reason::internal;
    std::string detail;
};

// Appends the line with its newline. Allocates nothing but room in `to`.
void append_line(std::string& to, const connection_record& of, const request_record& r, config::log_format format);

}  // namespace postern::ops
