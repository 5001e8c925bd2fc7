#include "proxy/ops/datagram_destination.hpp"

#include "proxy/ops/journal_entry.hpp"
#include "proxy/ops/labels.hpp"
#include "proxy/ops/lines.hpp"
#include "proxy/ops/shortened.hpp"

#include <array>
#include <chrono>

#include <unistd.h>

namespace postern::ops {
namespace {

using config::log_level;

// Of a line that is too long: what UDP takes, what receivers are often set to take, what every one should (RFC 5424
// section 6.1). The header comes to it.
constexpr std::array<std::size_t, 3> sizes_to_try{60'000, 7'500, 1'500};

std::string own_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

// RFC 5424 section 6.2.1.
unsigned severity_of(log_level level) {
    switch (level) {
        case log_level::debug: return 7;
        case log_level::info: return 6;
        case log_level::warning: return 4;
        case log_level::error: return 3;
    }
    return 6;
}

}  // namespace

datagram_destination::datagram_destination(const config::log_target& target, const upstream::address& to,
                                           const last_wait& patience)
    : to_journal_(target.type == config::log_target::kind::journal),
      severity_of_access_(target.severity),
      origin_{target.facility, target.hostname ? own_name() : std::string(), target.tag, std::to_string(::getpid())},
      socket_(to, patience) {}

std::uint64_t datagram_destination::write(std::string_view lines, line_level level) {
    std::uint64_t lost = 0;
    while (!lines.empty()) {
        auto line = take_line(lines);
        if (line.ends_with('\n')) line.remove_suffix(1);
        if (!send(line, level)) ++lost;
    }
    return lost;
}

bool datagram_destination::send(std::string_view line, line_level level) {
    using enum datagram_socket::sent;
    auto how = send_whole(line, level);
    if (how == too_long && to_journal_) how = socket_.send_as_file(datagram_);
    for (const auto most : sizes_to_try) {
        if (how != too_long) break;
        how = send_whole(shortened(line, most), level);
    }
    return how == yes;
}

datagram_socket::sent datagram_destination::send_whole(std::string_view line, line_level level) {
    const unsigned severity = level ? severity_of(*level) : severity_of_access_;
    datagram_.clear();
    if (to_journal_)
        append_journal_entry(datagram_, origin_.app_name, severity, line);
    else
        append_syslog_message(datagram_, origin_, severity, std::chrono::system_clock::now(), level ? "log" : "access",
                              without_labels(line));
    return socket_.send(datagram_);
}

}  // namespace postern::ops
