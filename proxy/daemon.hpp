// The main thread: start, signals, reload, drain, exit. Workers do the rest.
#pragma once

#include "proxy/loader.hpp"
#include "proxy/monitor.hpp"
#include "proxy/net/net.hpp"
#include "proxy/ops/access_log.hpp"
#include "proxy/ops/admin.hpp"
#include "proxy/ops/control.hpp"
#include "proxy/ops/signals.hpp"
#include "proxy/ops/watch.hpp"
#include "proxy/server.hpp"
#include "proxy/session/stapler.hpp"
#include "proxy/session/worker.hpp"
#include "proxy/ticket_rotation.hpp"
#include "proxy/upstream/resolve.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

class daemon {
public:
    explicit daemon(const serve_options& options);
    ~daemon();

    [[nodiscard]] int run();

private:
    enum class state : std::uint8_t {
        starting,
        serving,
        draining,  // no new connections; leaves when the last one has ended or shutdown_timeout is over
        stopping,  // every connection is being ended
    };

    [[nodiscard]] int start_and_serve();
    // Start, in this order; an exit code when it cannot go on.
    [[nodiscard]] std::optional<int> read_configuration();
    [[nodiscard]] std::optional<int> open_logs();
    [[nodiscard]] std::optional<int> open_sockets();
    void open_admin(const config::admin& where);
    [[nodiscard]] std::optional<int> become_user();
    void take_signals();
    void on_signal(ops::verb v);
    void start_workers();
    void ready();

    // Reload: read and check on the loader's thread, bind and switch on this one.
    using verdict = std::function<void(bool ok, const std::string& text)>;
    enum class cause : std::uint8_t {
        signal,   // SIGHUP
        command,  // `postern reload`
        files,    // one has changed
    };
    [[nodiscard]] static std::string_view word_for(cause why);
    struct wish {
        cause why;
        verdict tell;
        bool may_retry = false;  // who wished it comes again when files are not whole, so that this is no error yet
    };
    void reload(wish w);
    void begin_reload();
    void loaded(reading r);
    void finish_reload(bool ok, const std::string& text, bool unfinished = false);

    // Files (daemon_files.cpp).
    [[nodiscard]] std::optional<int> wait_for_certificate(reading& first);
    void follow_files();
    void files_changed(const ops::watch::change& what);

    void drain();
    void stop(reason why);
    void worker_left();
    void reopen_logs();

    // All or nothing: on an error the logs are what they were.
    [[nodiscard]] std::string change_logs(const config::log& from, const config::log& to);
    // One socket for each worker; empty with `error` set when one cannot be made.
    [[nodiscard]] std::vector<session::bound_socket> bind(const session::snapshot& to, const session::snapshot* already,
                                                          std::string& error) const;
    void hand_out(std::vector<session::bound_socket> sockets, const std::shared_ptr<const session::snapshot>& with,
                  std::function<void()> done);
    // What the workers have been handed is asked for from now on.
    void keep_stapled(const session::snapshot& what);
    [[nodiscard]] unsigned worker_count() const;

    serve_options options_;
    net::asio::io_context context_{1};
    loader loader_;
    std::shared_ptr<const session::snapshot> current_;
    std::optional<ops::access_log> access_;  // from the beginning to the end; optional only to end it early
    session::shared_state shared_;
    monitor monitor_;
    std::unique_ptr<upstream::resolver> resolver_;
    std::vector<std::unique_ptr<session::worker>> workers_;
    std::unique_ptr<session::stapler> stapler_;  // null until something is stapled
    std::vector<session::bound_socket> first_sockets_;
    std::unique_ptr<ops::admin> admin_;
    std::optional<config::endpoint> admin_at_;  // where that listens
    std::unique_ptr<ops::control_server> control_;
    std::unique_ptr<ops::signals> signals_;
    net::timer drain_timer_;
    ticket_rotation ticket_rotation_;
    std::vector<wish> waiting_for_reload_;  // whom the running reload tells its verdict; empty: none runs
    std::vector<wish> waiting_for_next_;    // who asked while one was running
    std::optional<ops::file_states> seen_;  // what the last load has read, until it is followed
    std::unique_ptr<ops::watch> watch_;     // null until something is watched
    std::size_t workers_left_ = 0;
    state state_ = state::starting;
    int exit_code_ = 0;
};

}  // namespace postern
