#include "proxy/ticket_rotation.hpp"

#include "proxy/ops/log.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <ctime>

namespace postern {
namespace {

// The wall clock may be set, and a machine may sleep: it is looked at so often.
constexpr std::time_t longest_sleep = 60;

}  // namespace

ticket_rotation::ticket_rotation(net::asio::io_context& context, tell changed)
    : timer_(context.get_executor()), changed_(std::move(changed)) {}

void ticket_rotation::follow(std::shared_ptr<const session::snapshot> served) {
    served_ = std::move(served);
    told_.clear();
    turn();
}

void ticket_rotation::turn() {
    const std::time_t now = std::time(nullptr);
    std::time_t next = certs::ticket_source::never;
    for (const auto& [from, terms] : served_->tickets.sources) next = std::min(next, from->turn(now, terms));
    if (auto keys = served_->tickets.keys(); keys != told_) {
        ops::log::debug("ticket keys: told to the workers");
        told_ = std::move(keys);
        changed_(served_, told_);
    }
    timer_.cancel();
    if (next == certs::ticket_source::never) return;
    timer_.expires_after(std::chrono::seconds(std::clamp<std::time_t>(next - now, 1, longest_sleep)));
    timer_.async_wait([this](net::error_code e) {
        if (!e) turn();
    });
}

}  // namespace postern
