#include "proxy/ops/access_log.hpp"

#include <pthread.h>

namespace postern::ops {

access_log::~access_log() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    more_.notify_one();
    if (writer_.joinable()) writer_.join();
}

std::string access_log::configure(const config::log& settings) {
    {
        const std::lock_guard lock(output_mutex_);
        if (auto error = out_.open(settings.access); !error.empty()) return error;
        off_ = out_.off();
    }
    format_ = settings.format;
    if (!writer_.joinable()) writer_ = std::thread([this] { run(); });
    return {};
}

std::string access_log::reopen() {
    const std::lock_guard lock(output_mutex_);
    return out_.reopen();
}

void access_log::take(std::string&& lines, std::uint64_t count) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_bytes_ + lines.size() > most_waiting) {
            dropped_.fetch_add(count, std::memory_order_relaxed);
            return;
        }
        waiting_bytes_ += lines.size();
        waiting_.push_back({std::move(lines), count});
    }
    more_.notify_one();
}

void access_log::run() {
    ::pthread_setname_np(::pthread_self(), "access-log");
    for (;;) {
        std::vector<batch> now;
        {
            std::unique_lock lock(mutex_);
            more_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            now.swap(waiting_);
            waiting_bytes_ = 0;
        }
        const std::lock_guard lock(output_mutex_);
        for (const auto& b : now)
            if (!out_.off() && !out_.write(b.lines)) dropped_.fetch_add(b.count, std::memory_order_relaxed);
    }
}

void access_buffer::append(const connection_record& r) {
    if (log_.off()) return;
    append_line(lines_, r, log_.format());
    ++count_;
    if (lines_.size() >= full) hand_over();
}

void access_buffer::hand_over() {
    if (lines_.empty()) return;
    log_.take(std::move(lines_), count_);
    lines_.clear();
    count_ = 0;
}

}  // namespace postern::ops
