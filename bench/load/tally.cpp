#include "bench/load/tally.hpp"

#include <fmt/format.h>

namespace postern::load {

namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char each : text) {
        if (each == '"' || each == '\\') out += '\\';
        out += static_cast<unsigned char>(each) < 0x20 ? ' ' : each;
    }
    return out + '"';
}

std::string quoted(std::size_t number) { return fmt::format("\"{}\"", number); }

template <class Key>
std::string object(const std::map<Key, std::uint64_t>& counts) {
    std::string out;
    for (const auto& [key, count] : counts) out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", quoted(key), count);
    return "{" + out + "}";
}

double microseconds(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / 1e3; }

std::string object(const histogram& durations) {
    std::string out = fmt::format(R"({{"count": {})", durations.count());
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}) {
        out += fmt::format(R"(, "{}": {:.1f})", name, microseconds(durations.percentile(share)));
    }
    return out + fmt::format(R"(, "max": {:.1f}}})", microseconds(durations.largest()));
}

}  // namespace

std::string to_json(const tally& counts) {
    return fmt::format(R"({{"answered": {}, "failures": {}, "full": {}, "resumed": {}, "tickets": {}, "suites": {}, )"
                       R"("groups": {}, "chains": {}, "shares": {}, "distinct_shares": {}, "notified": {}, )"
                       R"("unnotified": {}, "closed_idle": {}, "late": {}, "handshake_us": {}, "answer_us": {}, )"
                       R"("arrival_seconds": {:.6f}, "seconds": {:.6f}, "cpu_seconds": {:.6f}}})",
                       counts.answered, object(counts.failures), counts.full, counts.resumed, counts.tickets,
                       object(counts.suites), object(counts.groups), object(counts.chains), counts.shares,
                       counts.distinct_shares.size(), counts.notified, counts.unnotified, counts.closed_idle,
                       counts.late, object(counts.handshakes), object(counts.answers), counts.arrival_seconds,
                       counts.seconds, counts.cpu_seconds);
}

}  // namespace postern::load
