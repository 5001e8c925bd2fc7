#include "proxy/ops/inotify.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

namespace postern::ops {
namespace {

constexpr std::uint32_t entries =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
// Not IN_MODIFY: who is still writing has not closed it, and a log beside the configuration would wake us with each line.
constexpr std::uint32_t writes = IN_CLOSE_WRITE;

bool concerns(const watched_folder& folder, const std::string& name) {
    // Without a name it is about the folder itself.
    return name.empty() || folder.names.contains(name) || matches(name, folder.patterns);
}

}  // namespace

inotify::inotify() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), error_(fd_.value() < 0 ? errno : 0) {}

std::string inotify::follow(const watch_points& points) {
    if (error_ != 0) return std::string("inotify: ") + std::strerror(error_);
    std::string trouble;
    std::map<int, watched_folder> fresh;
    for (const auto& [path, folder] : points) {
        // A folder that was put in the place of another one gets a number of its own, one that stays keeps it.
        const int number =
            ::inotify_add_watch(fd_.value(), path.c_str(), entries | IN_MASK_ADD | (folder.content ? writes : 0));
        if (number < 0) {
            const bool absent = errno == ENOENT || errno == ENOTDIR;
            if (!absent && trouble.empty()) trouble = path + ": " + std::strerror(errno);
            continue;
        }
        auto& known = fresh[number];
        known.names.insert(folder.names.begin(), folder.names.end());
        known.patterns.insert(folder.patterns.begin(), folder.patterns.end());
    }
    for (const auto& [number, folder] : std::exchange(folders_, std::move(fresh)))
        if (!folders_.contains(number)) ::inotify_rm_watch(fd_.value(), number);
    return trouble;
}

bool inotify::take() {
    bool any = false;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    for (ssize_t got = 0; error_ == 0 && (got = ::read(fd_.value(), buffer.data(), buffer.size())) > 0;)
        for (ssize_t at = 0; at < got;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            at += static_cast<ssize_t>(sizeof event + event.len);
            // Too many for the kernel's queue: whatever was lost may concern us.
            if ((event.mask & IN_Q_OVERFLOW) != 0) any = true;
            const auto folder = folders_.find(event.wd);
            if (folder == folders_.end() || (event.mask & IN_IGNORED) != 0) continue;
            any = any || concerns(folder->second, event.len > 0 ? name : "");
        }
    return any;
}

}  // namespace postern::ops
