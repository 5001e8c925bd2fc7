// Signals as verbs, on the main thread's loop.
#pragma once

#include "proxy/net/net.hpp"

#include <functional>
#include <memory>

namespace postern::ops {

enum class verb {
    reload,       // SIGHUP
    drain,        // SIGTERM
    stop,         // SIGINT
    reopen_logs,  // SIGUSR1
};

class signals {
public:
    // Throws boost::system::system_error when signals cannot be taken over. SIGPIPE is ignored from here on.
    signals(net::asio::io_context& context, std::function<void(verb)> on_verb);
    ~signals();

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::ops
