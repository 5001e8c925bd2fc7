#include "proxy/ops/syslog_message.hpp"

#include "proxy/ops/text.hpp"

#include <algorithm>

namespace postern::ops {
namespace {

// PRINTUSASCII, and `-` for nothing (NILVALUE).
void append_field(std::string& to, std::string_view value, std::size_t longest) {
    const auto before = to.size();
    std::copy_if(value.begin(), value.end(), std::back_inserter(to), [](char c) { return c > ' ' && c < 127; });
    if (to.size() - before > longest) to.resize(before + longest);
    if (to.size() == before) to += '-';
    to += ' ';
}

}  // namespace

void append_syslog_message(std::string& to, const syslog_origin& from, unsigned severity,
                           std::chrono::system_clock::time_point when, std::string_view id, std::string_view message) {
    to += '<';
    to += std::to_string(from.facility * 8 + severity);
    to += ">1 ";
    append_timestamp(to, when);
    to += ' ';
    append_field(to, from.hostname, 255);
    append_field(to, from.app_name, 48);
    append_field(to, from.process_id, 128);
    append_field(to, id, 32);
    to += "- ";  // no structured data
    to += message;
}

}  // namespace postern::ops
