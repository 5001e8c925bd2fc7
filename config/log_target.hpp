// Where a log goes, as `log.file` and `log.access` name it.
#pragma once

#include "config/endpoint.hpp"
#include "config/misread.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

struct log_target {
    enum class kind : std::uint8_t { off, standard_output, standard_error, file, syslog, journal };
    kind type = kind::off;
    std::string path;   // of a file
    endpoint receiver;  // of datagrams: a unix socket, or (syslog) an IP address and a port
    // RFC 5424. Facility and severity are its numbers (section 6.2.1); the severity is that of access lines.
    unsigned facility = 23;  // local7, as in nginx
    unsigned severity = 6;   // info
    std::string tag = "postern";
    bool hostname = true;
};

inline constexpr std::string_view log_target_form =
    "a file, stdout, stderr, journal or syslog:server=ADDRESS[,facility=local7][,severity=info][,tag=postern]"
    "[,nohostname]";

// `off`, `stdout`, `stderr`, `journal` (or journal:/path/of/its/socket), `syslog` (the one at /dev/log) or nginx's
// `syslog:server=...`; all else is a file. Nothing for a syslog or a journal that cannot be meant; `why`, where one is
// given, then says what is wrong.
[[nodiscard]] std::optional<log_target> parse_log_target(std::string_view text, misread* why = nullptr);

}  // namespace postern::config
