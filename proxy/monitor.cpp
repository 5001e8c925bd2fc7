#include "proxy/monitor.hpp"

#include "proxy/ops/log.hpp"
#include "proxy/ops/process_metrics.hpp"
#include "proxy/ops/traffic_metrics.hpp"
#include "proxy/status.hpp"

#include <openssl/crypto.h>

namespace postern {
namespace {

using counting::seconds;

}  // namespace

void monitor::serves(std::shared_ptr<const session::snapshot> what) {
    served_ = std::move(what);
    served_since_ = std::chrono::system_clock::now();
    staples_.adopt(served_->staples);
    seals_with(served_->tickets.keys());
}

void monitor::seals_with(const session::ticket_key_sets& keys) {
    key_ages_.look_at(keys, std::chrono::steady_clock::now());
}

ops::totals monitor::traffic() const {
    auto sum = ops::totals::of(counts_);
    if (served_) sum.keep_upstreams_of(served_->settings);
    return sum;
}

ops::page monitor::metrics() const {
    ops::metric_sheet sheet;
    sheet.gauge("postern_build_info", "Always 1.")
        .add({{"version", POSTERN_VERSION}, {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)}}, 1);
    ops::add_traffic(sheet, traffic());
    if (served_) {
        session::add_inventory(sheet, session::take_inventory(*served_, staples_));
        sheet.gauge("postern_connections_limit", "limits.connections.")
            .add({}, static_cast<double>(served_->settings.limits.connections));
    }
    auto age =
        sheet.gauge("postern_stek_age_seconds", "How long the oldest key that seals session tickets has done so.");
    if (const auto oldest = key_ages_.oldest(std::chrono::steady_clock::now())) age.add({}, seconds(*oldest));
    auto reloads = sheet.counter("postern_reload_total", "Reloads that have ended.");
    for (const auto& [by, ended] : reloads_) {
        reloads.add({{"kind", std::string(by)}, {"result", "ok"}}, static_cast<double>(ended.served));
        reloads.add({{"kind", std::string(by)}, {"result", "failed"}}, static_cast<double>(ended.refused));
    }
    auto since = sheet.gauge("postern_reload_last_success_timestamp_seconds",
                             "When the configuration that is served was read, in seconds since 1970.");
    if (served_since_) since.add({}, seconds(served_since_->time_since_epoch()));
    auto lost = sheet.counter("postern_log_lines_dropped_total", "Lines of a log that were not written.");
    lost.add({{"log", "access"}}, static_cast<double>(log_.dropped()));
    lost.add({{"log", "diagnostics"}}, static_cast<double>(ops::log::dropped()));
    ops::add_process(sheet);
    return {200, ops::metric_sheet::content_type, sheet.text()};
}

ops::page monitor::status(std::string_view state) const {
    status_facts facts;
    facts.version = POSTERN_VERSION;
    facts.state = state;
    facts.started = started_;
    facts.traffic = traffic();
    if (served_) facts.has = session::take_inventory(*served_, staples_);
    facts.ticket_key_age = key_ages_.oldest(std::chrono::steady_clock::now());
    for (const auto& [by, ended] : reloads_) {
        facts.reloads += ended.served;
        facts.refused_reloads += ended.refused;
    }
    facts.served_since = served_since_;
    facts.now = std::chrono::system_clock::now();
    return {200, "application/json", status_text(facts)};
}

}  // namespace postern
