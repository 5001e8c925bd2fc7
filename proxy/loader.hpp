// The thread that reads a configuration, its certificates and its keys while the old ones are served.
#pragma once

#include "certs/library.hpp"
#include "certs/ticket_source.hpp"
#include "config/document.hpp"
#include "proxy/net/net.hpp"
#include "proxy/session/snapshot.hpp"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace postern {

class loader {
public:
    // `read` gives the configuration, and is called on the thread. Answers are posted to `context`.
    loader(std::function<config::document()> read, net::asio::io_context& context);
    // The thread must not be running any more: see is_stuck().
    ~loader();
    loader(const loader&) = delete;
    loader& operator=(const loader&) = delete;

    // Reads what is to be served after `serving`; `done` gets it later. One at a time. Returns why it cannot begin, else
    // nothing.
    [[nodiscard]] std::string begin(std::shared_ptr<const session::snapshot> serving,
                                    std::function<void(session::loaded)> done);
    // For the start, on the caller's thread: the files that `doc` names.
    [[nodiscard]] session::loaded files_of(config::document doc, const session::snapshot* serving = nullptr) const;

    // Whether the thread still reads, after a moment of patience. What waits for a file (a FIFO that nobody writes, a
    // server that is gone) waits for ever, and nothing but the end of the process ends it.
    [[nodiscard]] bool is_stuck();

private:
    std::function<config::document()> read_;
    net::asio::io_context& context_;
    certs::library library_;
    std::shared_ptr<certs::ticket_source> made_tickets_;  // as long as the process
    std::future<void> end_;
    std::thread thread_;
};

}  // namespace postern
