#include "proxy/ops/signals.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>

namespace postern::ops {
namespace {

verb meaning(int number) {
    switch (number) {
        case SIGHUP: return verb::reload;
        case SIGTERM: return verb::drain;
        case SIGUSR1: return verb::reopen_logs;
        default: return verb::stop;
    }
}

}  // namespace

struct signals::state : std::enable_shared_from_this<signals::state> {
    state(net::asio::io_context& context, std::function<void(verb)> use)
        : set(context, SIGHUP, SIGTERM, SIGINT), on_verb(std::move(use)) {
        set.add(SIGUSR1);
    }
    void wait() {
        set.async_wait([self = shared_from_this()](net::error_code e, int number) {
            if (e) return;
            self->wait();
            self->on_verb(meaning(number));
        });
    }
    net::asio::signal_set set;
    std::function<void(verb)> on_verb;
};

signals::signals(net::asio::io_context& context, std::function<void(verb)> on_verb)
    : state_(std::make_shared<state>(context, std::move(on_verb))) {
    std::signal(SIGPIPE, SIG_IGN);
    state_->wait();
}

signals::~signals() { state_->set.cancel(); }

}  // namespace postern::ops
