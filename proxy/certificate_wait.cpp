#include "proxy/certificate_wait.hpp"

#include "proxy/ops/log.hpp"
#include "proxy/ops/notify.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

namespace postern {
namespace {

constexpr auto pause = std::chrono::milliseconds(250);
// What a start may take once everything is there.
constexpr auto rest_of_the_start = std::chrono::seconds(60);

std::string first_error(const config::problems& all) {
    const auto at =
        std::find_if(all.begin(), all.end(), [](const auto& p) { return p.level == config::severity::error; });
    return at == all.end() ? std::string() : config::to_string(*at);
}

}  // namespace

certificate_wait::certificate_wait(net::asio::io_context& context, loader& files, std::chrono::milliseconds limit,
                                   std::function<void(reading)> done)
    : loader_(files),
      done_(std::move(done)),
      limit_(limit),
      limit_timer_(context.get_executor(), limit),
      pause_timer_(context.get_executor()) {}

void certificate_wait::begin(reading first) {
    // Else the manager would take the wait for a start that hangs (sd_notify(3)).
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(limit_ + rest_of_the_start);
    ops::notify("EXTEND_TIMEOUT_USEC=" + std::to_string(time.count()));
    keep(std::move(first));
    limit_timer_.async_wait([self = shared_from_this()](net::error_code e) {
        if (!e) self->end(std::move(self->last_));
    });
    look_again();
}

void certificate_wait::look_again() {
    pause_timer_.expires_after(pause);
    pause_timer_.async_wait([self = shared_from_this()](net::error_code e) {
        if (e || !self->done_) return;
        const auto trouble = self->loader_.begin(nullptr, [self](reading r) { self->looked(std::move(r)); });
        if (trouble.empty()) return;
        ops::log::error("{}", trouble);
        self->look_again();
    });
}

void certificate_wait::looked(reading r) {
    if (!done_) return;
    if (r.loaded.made || !r.unfinished) return end(std::move(r));
    keep(std::move(r));
    look_again();
}

void certificate_wait::keep(reading r) {
    last_ = std::move(r);
    auto what = first_error(last_.loaded.problems);
    if (what == told_) return;
    ops::log::warning("waiting, for at most {} s: {}", std::chrono::ceil<std::chrono::seconds>(limit_).count(), what);
    ops::notify("STATUS=waiting: " + what);
    told_ = std::move(what);
}

void certificate_wait::end(reading r) {
    limit_timer_.cancel();
    // What was due in the same moment comes too late.
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(r));
}

}  // namespace postern
