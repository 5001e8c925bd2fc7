#include "proxy/ops/access_log.hpp"

#include "proxy/ops/labels.hpp"
#include "proxy/ops/lines.hpp"
#include "proxy/ops/log.hpp"

#include <pthread.h>
#include <signal.h>

namespace postern::ops {
namespace {

constexpr auto grace_at_the_end = std::chrono::seconds(1);
constexpr auto between_complaints = std::chrono::seconds(10);

void begin_writer_thread() {
    ::pthread_setname_np(::pthread_self(), "access-log");
    // Signals are for the threads that run a loop; SIGPIPE of a closed stdout is to be an error of write().
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

access_log::~access_log() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    out_.hurry(grace_at_the_end);
    more_.notify_one();
    if (writer_.joinable()) writer_.join();
}

std::string access_log::configure(const config::log& settings) {
    if (auto error = out_.open(settings.access); !error.empty()) return error;
    format_ = settings.format;
    if (!writer_.joinable()) writer_ = std::thread([this] { run(); });
    return {};
}

void access_log::take(std::string&& lines) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_bytes_ + lines.size() > most_waiting) return add_dropped(count_lines(lines));
        waiting_bytes_ += lines.size();
        waiting_.push_back(std::move(lines));
    }
    more_.notify_one();
}

void access_log::run() {
    begin_writer_thread();
    for (;;) {
        std::vector<std::string> now;
        {
            std::unique_lock lock(mutex_);
            more_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            now.swap(waiting_);
            waiting_bytes_ = 0;
        }
        for (const std::string_view lines : now) add_dropped(out_.write(lines));
        tell_losses();
    }
}

void access_log::add_dropped(std::uint64_t lines) { dropped_.fetch_add(lines, std::memory_order_relaxed); }

void access_log::tell_losses() {
    const auto now = std::chrono::steady_clock::now();
    if (dropped() == told_ || now - told_at_ < between_complaints) return;
    told_at_ = now;
    log::error("access log: {} lines were lost, {} since the start", dropped() - told_, dropped());
    told_ = dropped();
}

void access_buffer::append(const connection_record& of, const connection_outcome& o) { append_any(of, o); }

void access_buffer::append(const connection_record& of, const request_record& r) { append_any(of, r); }

void access_buffer::append_any(const connection_record& of, const auto& what) {
    if (log_.off()) return;
    if (log_.takes_labels()) append_labels(lines_, of, what);
    append_line(lines_, of, what, log_.format());
    if (lines_.size() >= full) hand_over();
}

void access_buffer::hand_over() {
    if (lines_.empty()) return;
    log_.take(std::move(lines_));
    lines_.clear();
}

}  // namespace postern::ops
