#include "proxy/session/closing.hpp"

namespace postern::session {
namespace {

// How long a broken connection may take to deliver what was sent before it is reset.
constexpr auto last_bytes_wait = std::chrono::seconds(5);
constexpr auto last_bytes_look = std::chrono::milliseconds(10);

}  // namespace

net::task<> close_both(net::stream* client, net::stream* upstream, reason why, const std::optional<reason>& stopped) {
    switch (why) {
        // The one side must not take for the whole what the other broke off.
        case reason::client_reset:
        case reason::client_truncated:
        case reason::client_error:
            if (upstream != nullptr) co_await reset_when_sent(*upstream, stopped);
            break;
        case reason::upstream_reset:
        case reason::upstream_error:
            if (client != nullptr) co_await reset_when_sent(*client, stopped);
            break;
        // Nothing was forwarded, or silence fell: the client is told in order. What it cannot take at once is not
        // waited for.
        case reason::resolve_failed:
        case reason::connect_refused:
        case reason::connect_timeout:
        case reason::connect_failed:
        case reason::idle_timeout:
        case reason::drain_timeout:
        case reason::stopped:
            if (client != nullptr) static_cast<void>(client->finish());
            break;
        default: break;
    }
    if (client != nullptr) client->close();
    if (upstream != nullptr) upstream->close();
}

net::task<bool> finish(net::stream& s, net::readiness& wait, net::clock::duration within, bool for_good) {
    for (;;) {
        const auto told = for_good ? s.say_goodbye() : s.finish();
        if (told != net::io_status::would_block) co_return told == net::io_status::ok;
        const auto waited = co_await wait.writable(s, within);
        if (waited != net::wait_result::ready) co_return false;
    }
}

net::task<> reset_when_sent(net::stream& s, const std::optional<reason>& stopped) {
    const auto give_up = net::clock::now() + last_bytes_wait;
    while (s.unsent() > 0 && !stopped && net::clock::now() < give_up) {
        co_await net::sleep_for(s.socket().on(), last_bytes_look);
    }
    s.reset();
}

}  // namespace postern::session
