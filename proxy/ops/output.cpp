#include "proxy/ops/output.hpp"

#include "proxy/ops/datagram_destination.hpp"
#include "proxy/ops/file_destination.hpp"
#include "proxy/upstream/address.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace postern::ops {
namespace {

using config::log_target;

// Null with errno set when it cannot be.
std::unique_ptr<destination> open_destination(const log_target& target, const last_wait& patience) {
    if (target.type != log_target::kind::syslog && target.type != log_target::kind::journal)
        return file_destination::open(target, patience);
    const auto to = upstream::to_address(target.receiver);
    if (!to) {
        errno = ENAMETOOLONG;
        return nullptr;
    }
    return std::make_unique<datagram_destination>(target, *to, patience);
}

}  // namespace

std::string output::open(const std::string& target) {
    const std::lock_guard lock(mutex_);
    // A reload must not fail, nor lose a file, over a log that it does not change.
    return target == target_ ? std::string() : make(target);
}

std::string output::reopen() {
    const std::lock_guard lock(mutex_);
    return off() ? std::string() : make(target_);
}

std::string output::make(const std::string& target) {
    const auto parsed = config::parse_log_target(target);
    if (!parsed) return target + ": no place for a log";
    std::unique_ptr<destination> made;
    if (parsed->type != kind::off) {
        made = open_destination(*parsed, patience_);
        if (!made) return target + ": " + std::strerror(errno);
    }
    if (&target != &target_) target_ = target;
    kind_ = parsed->type;
    next_ = std::move(made);
    has_next_ = true;
    return {};
}

bool output::stamps() const {
    const auto now = kind_.load(std::memory_order_relaxed);
    return now == kind::syslog || now == kind::journal;
}

void output::hurry(std::chrono::milliseconds grace) { patience_ = std::chrono::steady_clock::now() + grace; }

std::uint64_t output::write(std::string_view lines, line_level level) {
    take_next();
    return to_ ? to_->write(lines, level) : 0;
}

void output::take_next() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_next_, false)) to_ = std::move(next_);
}

}  // namespace postern::ops
