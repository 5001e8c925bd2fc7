#include "proxy/ops/labels.hpp"

#include "proxy/ops/line.hpp"
#include "proxy/ops/text.hpp"

namespace postern::ops {
namespace {

constexpr char end_of_label = '\x1f';

void append_label(std::string& to, std::string_view key, const auto&... value) {
    append(to, key, "=", value...);
    to += end_of_label;
}

// Text of strangers.
void append_foreign(std::string& to, std::string_view key, std::string_view value) {
    append(to, key, "=");
    append_plain_text(to, value);
    to += end_of_label;
}

void append_connection(std::string& to, const connection_record& of) {
    const bool v6 = of.client_ip.find(':') != std::string::npos;
    append_label(to, "POSTERN_CONNECTION", hex_id{of.id});
    append_label(to, "POSTERN_LISTENER", of.listener);
    append_label(to, "POSTERN_CLIENT", v6 ? "[" : "", of.client_ip, v6 ? "]:" : ":", of.client_port);
    if (!of.sni.empty()) append_foreign(to, "POSTERN_SNI", of.sni);
}

void append_ending(std::string& to, party by, phase during, reason why) {
    append_label(to, "POSTERN_BY", to_string(by));
    append_label(to, "POSTERN_PHASE", to_string(during));
    append_label(to, "POSTERN_REASON", to_string(why));
}

}  // namespace

void append_labels(std::string& to, const connection_record& of, const connection_outcome& o) {
    append_label(to, "POSTERN_ID", hex_id{of.id});
    append_connection(to, of);
    append_ending(to, o.by, o.during, o.why);
}

void append_labels(std::string& to, const connection_record& of, const request_record& r) {
    append_label(to, "POSTERN_ID", r.id);
    append_connection(to, of);
    append_label(to, "POSTERN_STATUS", std::uint64_t{r.status});
    append_ending(to, r.by, r.during, r.why);
}

std::string_view take_label(std::string_view& line) {
    const auto end = line.find(end_of_label);
    if (end == std::string_view::npos) return {};
    const auto label = line.substr(0, end);
    line.remove_prefix(end + 1);
    return label;
}

bool has_labels(std::string_view lines) { return lines.find(end_of_label) != std::string_view::npos; }

std::string_view without_labels(std::string_view line) {
    const auto last = line.rfind(end_of_label);
    return last == std::string_view::npos ? line : line.substr(last + 1);
}

}  // namespace postern::ops
