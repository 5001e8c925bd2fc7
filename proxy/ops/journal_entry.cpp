#include "proxy/ops/journal_entry.hpp"

#include "proxy/ops/labels.hpp"

#include <cstdint>

namespace postern::ops {

void append_journal_field(std::string& to, std::string_view key, std::string_view value) {
    to += key;
    if (value.find('\n') == std::string_view::npos) {
        to += '=';
    } else {
        to += '\n';
        for (unsigned shift = 0; shift < 64; shift += 8) to += static_cast<char>(std::uint64_t{value.size()} >> shift);
    }
    to += value;
    to += '\n';
}

void append_journal_entry(std::string& to, std::string_view identifier, unsigned severity, std::string_view line) {
    append_journal_field(to, "PRIORITY", std::to_string(severity));
    append_journal_field(to, "SYSLOG_IDENTIFIER", identifier);
    for (auto label = take_label(line); !label.empty(); label = take_label(line)) {
        to += label;
        to += '\n';
    }
    append_journal_field(to, "MESSAGE", line);
}

}  // namespace postern::ops
