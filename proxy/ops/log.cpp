#include "proxy/ops/log.hpp"

#include "proxy/ops/output.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace postern::ops::log {
namespace {

using config::log_format;
using config::log_level;

// spdlog 1.10's file sink cannot open its file anew.
class sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    std::string open(const std::string& target) {
        const std::lock_guard lock(mutex_);
        return out_.open(target);
    }
    std::string reopen() {
        const std::lock_guard lock(mutex_);
        return out_.reopen();
    }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t text;
        formatter_->format(message, text);
        // There is nowhere to say that a diagnostic could not be written.
        if (!out_.off()) static_cast<void>(out_.write({text.data(), text.size()}));
    }
    void flush_() override {}

private:
    output out_;
};

struct state {
    std::shared_ptr<sink> to = std::make_shared<sink>();
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

constexpr std::size_t queue_lines = 8192;
std::atomic<log_level> least{log_level::info};
std::atomic<log_format> format{log_format::text};
std::atomic<bool> running{false};

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

}  // namespace

std::string configure(const config::log& settings) {
    auto& s = shared();
    if (auto error = s.to->open(settings.file); !error.empty()) return error;
    if (!s.logger) {
        s.pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
        s.logger = std::make_shared<spdlog::async_logger>("postern", s.to, s.pool,
                                                          spdlog::async_overflow_policy::overrun_oldest);
        s.logger->set_level(spdlog::level::debug);
    }
    least = settings.level;
    format = settings.format;
    s.logger->set_pattern(settings.format == log_format::json
                              ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                          spdlog::pattern_time_type::utc);
    running = true;
    return {};
}

std::string reopen() { return shared().to->reopen(); }

void shut_down() {
    running = false;
    auto& s = shared();
    s.logger.reset();
    s.pool.reset();  // joins the writer, which empties its queue first
}

bool enabled(log_level level) { return running && level >= least; }

void write(log_level level, std::string_view line) {
    std::string text;
    format == log_format::json ? append_json_text(text, line) : append_plain_text(text, line);
    shared().logger->log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace postern::ops::log
