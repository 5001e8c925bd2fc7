// Entries of systemd's journal in its native protocol, one a datagram, as systemd.io/JOURNAL_NATIVE_PROTOCOL describes it.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern::ops {

// Appends KEY=value and a newline; a value that has a newline in it goes as KEY, a newline, its size in 8 bytes, the lowest
// first, the value and a newline. `key` has capitals, digits and `_` alone and begins with a capital.
void append_journal_field(std::string& to, std::string_view key, std::string_view value);

// Appends the entry of a line: MESSAGE, PRIORITY (a severity of syslog), SYSLOG_IDENTIFIER and the line's labels.
void append_journal_entry(std::string& to, std::string_view identifier, unsigned severity, std::string_view line);

}  // namespace postern::ops
