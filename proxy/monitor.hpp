// What the admin listener tells of the process beside its health: /metrics and /status. On the main thread.
#pragma once

#include "certs/staple_shelf.hpp"
#include "proxy/ops/access_log.hpp"
#include "proxy/ops/admin.hpp"
#include "proxy/ops/totals.hpp"
#include "proxy/session/inventory.hpp"
#include "proxy/session/key_ages.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

class monitor {
public:
    // Both must outlive it.
    monitor(const ops::all_counts& counts, const ops::access_log& log) : counts_(counts), log_(log) {}

    // From now on this is what workers serve.
    void serves(std::shared_ptr<const session::snapshot> what);
    // How a reload has ended that this had caused: "signal", "command" or "files", which live for ever.
    void reloaded(std::string_view by, bool well) { ++(well ? reloads_[by].served : reloads_[by].refused); }
    // As workers are told of staples and of ticket keys.
    void stapled(const std::string& id, certs::staple_ptr fresh) { staples_.put(id, std::move(fresh)); }
    void seals_with(const session::ticket_key_sets& keys);

    // For Prometheus.
    [[nodiscard]] ops::page metrics() const;
    // For people: JSON. `state`: what the process is about, in a word.
    [[nodiscard]] ops::page status(std::string_view state) const;

private:
    [[nodiscard]] ops::totals traffic() const;

    const ops::all_counts& counts_;
    const ops::access_log& log_;
    std::shared_ptr<const session::snapshot> served_;
    certs::staple_shelf staples_;  // what lies on each worker's
    session::key_ages key_ages_;
    struct endings {
        std::uint64_t served = 0;
        std::uint64_t refused = 0;
    };
    std::map<std::string_view, endings> reloads_{{"signal", {}}, {"command", {}}, {"files", {}}};
    std::optional<std::chrono::system_clock::time_point> served_since_;
    const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
};

}  // namespace postern
