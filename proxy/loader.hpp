// The thread that reads a configuration, its certificates and its keys while the old ones are served.
#pragma once

#include "certs/library.hpp"
#include "certs/ticket_source.hpp"
#include "config/document.hpp"
#include "proxy/net/net.hpp"
#include "proxy/ops/file_state.hpp"
#include "proxy/session/snapshot.hpp"

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace postern {

// A configuration as it was read.
struct reading {
    session::loaded loaded;
    // The files that count, as they were before they were read: a change since then is to be seen. When nothing was made,
    // also those of readings before it, since it may have ended early. None: it broke off, and those that counted still do.
    ops::file_states seen;
    // Nothing was made, which may be because files are being replaced just now: some are missing, empty, cut off, or do not
    // go together.
    bool unfinished = false;
    // As written, when nothing was made although the configuration itself is in order.
    std::optional<config::settings> wanted;
};

class loader {
public:
    // `read` gives the configuration, of `config_file` if it has one, and is called on the thread. Answers are posted to
    // `context`.
    loader(std::function<config::document()> read, const std::string& config_file, net::asio::io_context& context);
    // The thread must not be running any more: see is_stuck().
    ~loader();
    loader(const loader&) = delete;
    loader& operator=(const loader&) = delete;

    // Reads what is to be served after `serving`; null: nothing is served. `done` gets it later. One at a time. Returns
    // why it cannot begin, else nothing.
    [[nodiscard]] std::string begin(std::shared_ptr<const session::snapshot> serving,
                                    std::function<void(reading)> done);
    // The same on the caller's thread, for the start.
    [[nodiscard]] reading read(const session::snapshot* serving = nullptr);

    // Whether the thread still reads, after a moment of patience. What waits for a file (a FIFO that nobody writes, a
    // server that is gone) waits for ever, and nothing but the end of the process ends it.
    [[nodiscard]] bool is_stuck();

private:
    [[nodiscard]] config::document read_document(ops::file_states& seen);
    void keep_in_use(reading& now);

    std::function<config::document()> read_;
    net::asio::io_context& context_;
    certs::library library_;
    std::shared_ptr<certs::ticket_source> made_tickets_;  // as long as the process
    // Of whoever reads: what the configuration itself is read from, everything that was read since something was made, and
    // what was seen the last time.
    ops::watched_paths known_;
    ops::watched_paths in_use_;
    ops::file_states seen_;
    std::future<void> end_;
    std::thread thread_;
};

}  // namespace postern
