// What access lines are made of: append(to, R"("sni":)", json_string{r.sni}, R"(,"bytes":)", r.bytes_in). Each part goes
// to the end of the line by itself, with no string in between. Pure.
#pragma once

#include "proxy/ops/record.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::ops {

// Foreign text, in quotes and escaped.
struct json_string {
    std::string_view text;
};
struct plain_string {
    std::string_view text;
};

// An id of 16 hexadecimal digits.
struct hex_id {
    std::uint64_t number;
};

// Both with three places, and never below zero.
struct in_milliseconds {
    duration time;
};
struct in_seconds {
    duration time;
};

// Who ended it, when and why: an object of JSON.
struct ending {
    party by;
    phase during;
    reason why;
    std::string_view detail;
};

void append_part(std::string& to, json_string part);
void append_part(std::string& to, plain_string part);
void append_part(std::string& to, hex_id part);
inline void append_part(std::string& to, request_id part) {
    append_part(to, hex_id{part.high});
    append_part(to, hex_id{part.low});
}
void append_part(std::string& to, in_milliseconds part);
void append_part(std::string& to, in_seconds part);
void append_part(std::string& to, std::chrono::system_clock::time_point part);  // as append_timestamp
void append_part(std::string& to, const ending& part);
void append_part(std::string& to, const std::optional<tls_record>& part);  // an object of JSON, or null
// Likewise. `sha256` is of the certificate.
void append_part(std::string& to, const certs::client_certificate* part);
void append_part(std::string& to, std::uint64_t part);
inline void append_part(std::string& to, std::string_view part) { to += part; }
inline void append_part(std::string& to, std::same_as<bool> auto part) { to += part ? "true" : "false"; }

template <class... Parts>
void append(std::string& to, const Parts&... parts) {
    (append_part(to, parts), ...);
}

}  // namespace postern::ops
