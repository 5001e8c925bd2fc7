// Messages of syslog (RFC 5424), one a datagram. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace postern::ops {

// What all messages of a log share.
struct syslog_origin {
    unsigned facility = 23;
    std::string hostname;  // empty: not said
    std::string app_name;
    std::string process_id;
};

// Appends the message with its header, section 6: <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID - MSG. `severity` is 0 to
// 7; `id` says what kind of message it is. Whatever cannot stand in a field of the header is left out of it.
void append_syslog_message(std::string& to, const syslog_origin& from, unsigned severity,
                           std::chrono::system_clock::time_point when, std::string_view id, std::string_view message);

}  // namespace postern::ops
