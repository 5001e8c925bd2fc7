#include "proxy/ops/log.hpp"

#include "proxy/ops/output.hpp"
#include "proxy/ops/text.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <iterator>
#include <memory>

#include <pthread.h>
#include <signal.h>

namespace postern::ops::log {
namespace {

using config::log_format;
using config::log_level;
using spdlog::details::thread_pool;

constexpr std::size_t queue_lines = 8192;
constexpr auto grace_at_the_end = std::chrono::seconds(1);

log_level from_spdlog(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::debug: return log_level::debug;
        case spdlog::level::warn: return log_level::warning;
        case spdlog::level::err: return log_level::error;
        default: return log_level::info;
    }
}

std::string_view word(log_level level) {
    switch (level) {
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warning: return "warning";
        case log_level::error: return "error";
    }
    return "info";
}

// `bare`: time and level are told beside it.
std::string line_of(std::chrono::system_clock::time_point when, std::string_view level, std::string_view message,
                    log_format format, bool bare) {
    if (format == log_format::text) {
        auto line = bare ? std::string() : fmt::format("{} {} ", timestamp(when), level);
        append_readable_text(line, message);
        return line + '\n';
    }
    auto line = fmt::format(R"({{"time":"{}","level":"{}","message":")", timestamp(when), level);
    append_json_text(line, message);
    return line + "\"}\n";
}

// spdlog 1.10's file sink cannot open its file anew. Only the pool's one thread calls it, hence no mutex.
class sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    output out;
    std::atomic<log_format> format{log_format::text};
    std::atomic<thread_pool*> pool{nullptr};
    std::atomic<std::uint64_t> unwritten{0};

    [[nodiscard]] std::uint64_t dropped() const {
        auto* const p = pool.load();
        return unwritten + (p == nullptr ? 0 : p->overrun_counter());
    }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view payload(message.payload.data(), message.payload.size());
        if (!write_line(message.time, from_spdlog(message.level), payload)) {
            ++unwritten;
            return;
        }
        const auto lost = dropped();
        if (lost == told_) return;
        const auto news = fmt::format("{} diagnostics were lost", lost - told_);
        if (write_line(message.time, log_level::warning, news)) told_ = lost;
    }
    void flush_() override {}

private:
    [[nodiscard]] bool write_line(std::chrono::system_clock::time_point when, log_level level, std::string_view text) {
        return out.write(line_of(when, word(level), text, format, out.stamps()), level) == 0;
    }

    std::uint64_t told_ = 0;
};

struct state {
    std::shared_ptr<sink> to = std::make_shared<sink>();
    std::shared_ptr<thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
    std::atomic<log_level> least{log_level::info};
    std::atomic<bool> running{false};
};

state& shared() {
    static state s;
    return s;
}

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
        case log_level::debug: return spdlog::level::debug;
        case log_level::info: return spdlog::level::info;
        case log_level::warning: return spdlog::level::warn;
        case log_level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

void begin_writer_thread() {
    ::pthread_setname_np(::pthread_self(), "log");
    // Signals are for the threads that run a loop; SIGPIPE of a closed stdout is to be an error of write().
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void start(state& s) {
    s.pool = std::make_shared<thread_pool>(queue_lines, 1, begin_writer_thread);
    s.to->pool = s.pool.get();
    s.logger =
        std::make_shared<spdlog::async_logger>("postern", s.to, s.pool, spdlog::async_overflow_policy::overrun_oldest);
    s.logger->set_level(spdlog::level::debug);
    // A line that comes after the end is no news for stderr.
    s.logger->set_error_handler([](const std::string&) {});
    s.running = true;
}

}  // namespace

std::string configure(const config::log& settings) {
    auto& s = shared();
    if (auto error = s.to->out.open(settings.file); !error.empty()) return error;
    s.least = settings.level;
    s.to->format = settings.format;
    if (!s.logger) start(s);
    return {};
}

std::string reopen() { return shared().to->out.reopen(); }

void shut_down() {
    auto& s = shared();
    s.running = false;
    s.to->out.hurry(grace_at_the_end);
    // Joins the writer, which empties its queue first. The logger stays: another thread may be using it.
    s.pool.reset();
    s.to->pool = nullptr;
}

bool enabled(log_level level) {
    const auto& s = shared();
    return s.running.load(std::memory_order_acquire) && level >= s.least.load(std::memory_order_relaxed);
}

void write(log_level level, std::string_view message) {
    if (enabled(level)) shared().logger->log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

std::uint64_t dropped() { return shared().to->dropped(); }

}  // namespace postern::ops::log
