// The kernel's word that something has happened in a folder (inotify(7)). It is a hint: what has happened to the files is
// seen by looking at them.
#pragma once

#include "proxy/net/socket.hpp"
#include "proxy/ops/watch_points.hpp"

#include <map>
#include <string>

namespace postern::ops {

class inotify {
public:
    inotify();

    // To be polled for reading; negative when the kernel gave none.
    [[nodiscard]] int descriptor() const { return fd_.value(); }

    // Watches these points from now on, and no others. What may have happened before has to be looked for afterwards.
    // Returns why some of them cannot be watched, in the system's words, else nothing; folders that do not exist are
    // no fault, since the one above them is watched.
    [[nodiscard]] std::string follow(const watch_points& points);

    // Takes what has been reported: whether any of it concerns the points. Does not wait.
    [[nodiscard]] bool take();

private:
    net::unique_fd fd_;
    int error_ = 0;
    std::map<int, watched_folder> folders_;  // by the kernel's number; one folder under two paths has one number
};

}  // namespace postern::ops
