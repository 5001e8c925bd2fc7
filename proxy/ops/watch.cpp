#include "proxy/ops/watch.hpp"

#include "proxy/ops/inotify.hpp"
#include "proxy/ops/log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

namespace postern::ops {
namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;
using step = watch_plan::step;

constexpr auto patience_at_the_end = std::chrono::seconds(1);

// Where changes of these files show now.
watch_points points_of(const file_states& files) {
    watch_points points;
    // Files share most of their way.
    std::unordered_map<std::string, std::optional<std::string>> known;
    const auto target_of = [&](const std::string& path) {
        const auto [at, added] = known.try_emplace(path);
        std::error_code none;
        if (added)
            if (const auto target = fs::read_symlink(path, none); !none) at->second = target.string();
        return at->second;
    };
    for (const auto& [path, state] : files) {
        std::error_code ignored;
        const auto end = add_watch_points(fs::absolute(path, ignored).string(), target_of, points);
        if (!state.names.empty() && fs::is_directory(end, ignored))
            points[end].patterns.insert(state.names.begin(), state.names.end());
    }
    return points;
}

int milliseconds_until(clock::time_point then, clock::time_point now) {
    constexpr auto longest = std::chrono::hours(1);
    if (then >= now + longest) return std::chrono::milliseconds(longest).count();
    return static_cast<int>(std::max<long>(std::chrono::ceil<std::chrono::milliseconds>(then - now).count(), 0));
}

}  // namespace

// What the thread owns.
class watch::watcher {
public:
    watcher(watch& of, const options& how) : of_(of), plan_(how.terms, clock::now()), terms_(how.terms) {
        if (how.inotify) kernel_.emplace();
    }

    void run() {
        while (hear()) {
            if (kernel_ && kernel_->take()) plan_.noticed(clock::now());
            switch (plan_.due(clock::now())) {
                case step::look: look(); break;
                case step::load: of_.on_change_({changed_, true}); break;
                case step::last_load: of_.on_change_({changed_, false}); break;
                case step::wait: wait();
            }
        }
    }

private:
    // False at the end.
    bool hear() {
        eventfd_t count = 0;
        // Does not wait; that nobody has rung is no fault.
        ::eventfd_read(of_.bell_.value(), &count);
        message heard;
        {
            const std::lock_guard lock(of_.mutex_);
            heard = std::exchange(of_.message_, {});
            of_.message_.end = heard.end;
        }
        if (heard.follow) {
            seen_ = std::move(heard.follow->first);
            terms_.debounce = heard.follow->second;
            plan_.use(terms_);
            follow_points();
            // What happened since they were read, and before this.
            plan_.noticed(clock::now());
        }
        for (const auto what : heard.loaded) plan_.loaded(clock::now(), what);
        return !heard.end;
    }

    void look() {
        // First, so that what happens behind the look is reported.
        follow_points();
        auto now_seen = look_again(seen_);
        auto changed = changed_files(seen_, now_seen);
        plan_.looked(clock::now(), !changed.empty());
        if (changed.empty())
            seen_ = std::move(now_seen);
        else
            changed_ = std::move(changed);
    }

    void follow_points() {
        if (!kernel_) return;
        auto trouble = kernel_->follow(points_of(seen_));
        if (trouble.empty() || trouble == told_) return;
        log::warning("watch: some changes are seen only within a minute: {}", trouble);
        told_ = std::move(trouble);
    }

    void wait() {
        std::array<pollfd, 2> on{{{of_.bell_.value(), POLLIN, 0}, {kernel_ ? kernel_->descriptor() : -1, POLLIN, 0}}};
        ::poll(on.data(), on.size(), milliseconds_until(plan_.next(), clock::now()));
    }

    watch& of_;
    watch_plan plan_;
    watch_terms terms_;
    std::optional<inotify> kernel_;
    file_states seen_;
    std::vector<std::string> changed_;
    std::string told_;  // the trouble that was logged
};

watch::watch(const options& how, handler on_change)
    : on_change_(std::move(on_change)), bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (bell_.value() < 0) throw std::system_error(errno, std::system_category());
    std::packaged_task<void()> work([this, how] { watcher(*this, how).run(); });
    ended_ = work.get_future();
    thread_ = std::thread(std::move(work));
}

watch::~watch() {
    end();
    thread_.join();
}

void watch::follow(file_states seen, std::chrono::milliseconds debounce) {
    {
        const std::lock_guard lock(mutex_);
        message_.follow.emplace(std::move(seen), debounce);
    }
    wake();
}

void watch::loaded(watch_plan::outcome what) {
    {
        const std::lock_guard lock(mutex_);
        message_.loaded.push_back(what);
    }
    wake();
}

bool watch::is_stuck() {
    end();
    return ended_.wait_for(patience_at_the_end) == std::future_status::timeout;
}

void watch::end() {
    {
        const std::lock_guard lock(mutex_);
        message_.end = true;
    }
    wake();
}

void watch::wake() { ::eventfd_write(bell_.value(), 1); }

}  // namespace postern::ops
