// A thread that sees when files change, at once where the kernel tells (inotify), else within a minute, and says when to
// load them. What it decides by is apart: watch_points (where to look), file_state (what is another content), watch_plan
// (when).
#pragma once

#include "proxy/net/socket.hpp"
#include "proxy/ops/file_state.hpp"
#include "proxy/ops/watch_plan.hpp"

#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace postern::ops {

class watch {
public:
    struct change {
        std::vector<std::string> files;
        // Whether a load that finds files which are not whole is to be told of by `unfinished`, for another one to
        // follow; otherwise that is an error.
        bool may_retry = true;
    };
    // Called on the thread; each is to be answered by follow() and loaded().
    using handler = std::function<void(const change&)>;

    struct options {
        watch_terms terms = {};
        bool inotify = true;  // off: by the sweep alone, as where the kernel cannot tell
    };

    // Throws std::system_error when there is no thread or no descriptor for it. Watches nothing until follow().
    watch(const options& how, handler on_change);
    // The thread must not be stuck.
    ~watch();
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;

    // Any thread. From now on these files and folders, which were in these states before they were loaded; whether a
    // symlink or a folder leads there does not matter. None: rests.
    void follow(file_states seen, std::chrono::milliseconds debounce);
    // Any thread. What came of a load, whoever asked for it.
    void loaded(watch_plan::outcome what);

    // Whether, asked to end, it still waits for a file (of a server that is gone) after a moment of patience. Nothing but
    // the end of the process ends that.
    [[nodiscard]] bool is_stuck();

private:
    class watcher;
    struct message {
        bool end = false;
        std::optional<std::pair<file_states, std::chrono::milliseconds>> follow;
        std::vector<watch_plan::outcome> loaded;
    };

    void wake();
    void end();

    handler on_change_;
    net::unique_fd bell_;  // eventfd(2): there is a message
    std::mutex mutex_;
    message message_;  // under the lock
    std::future<void> ended_;
    std::thread thread_;
};

}  // namespace postern::ops
