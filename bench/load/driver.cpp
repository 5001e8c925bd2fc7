#include "bench/load/driver.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace postern::load {

namespace {

// Fewer than any server's queue of new connections holds.
constexpr std::size_t primed_at_once = 64;

constexpr std::chrono::milliseconds sweep_every{100};

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace

driver::driver(const options& asked)
    : asked_(asked), tls_(asked), generation_(asked.connections), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    connections_.reserve(asked.connections);
    for (std::size_t slot = 0; slot < asked.connections; ++slot) {
        connections_.emplace_back(asked_, tls_, counts_);
        free_.push_back(slot);
    }
}

driver::~driver() { ::close(epoll_); }

void driver::prime() {
    arrivals once(0, asked_.keep || asked_.resume ? connections_.size() : 1, clock::now());
    drive(once, primed_at_once);
    if (!counts_.failures.empty()) throw std::runtime_error(counts_.failures.begin()->first);
    counts_ = {};
}

tally driver::run() {
    const auto begin = clock::now();
    const auto spent = cpu_seconds();
    arrivals work(asked_.rate, asked_.count, begin);
    drive(work, connections_.size());
    counts_.arrival_seconds = std::chrono::duration<double>(last_begun_ - begin).count();
    counts_.seconds = std::chrono::duration<double>(clock::now() - begin).count();
    counts_.cpu_seconds = cpu_seconds() - spent;
    return std::move(counts_);
}

void driver::drive(arrivals& work, std::size_t in_flight) {
    while (!work.all_taken() || busy_ > 0) {
        begin_what_is_due(work, in_flight);
        wait(work);
        if (const auto now = clock::now(); now - swept_ > sweep_every) end_what_takes_too_long(now);
    }
}

void driver::begin_what_is_due(arrivals& work, std::size_t in_flight) {
    // New work may fail at once and free its slot; events must have their turn nevertheless.
    for (std::size_t left = in_flight; left > 0 && busy_ < in_flight && !free_.empty(); --left) {
        const auto now = clock::now();
        const auto due = work.take(now);
        if (!due) return;
        if (now - *due > std::chrono::milliseconds(1)) ++counts_.late;
        last_begun_ = now;
        const auto slot = free_.front();
        free_.pop_front();
        ++busy_;
        const auto watch = [&](int socket) {
            epoll_event event{};
            event.events = EPOLLIN | EPOLLOUT | EPOLLET;
            event.data.u64 = std::uint64_t{++generation_[slot]} << 32 | slot;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
        };
        if (connections_[slot].begin(*due, now, watch)) settle(slot);
    }
}

void driver::wait(const arrivals& work) {
    // Not epoll_wait, which counts in milliseconds: the time between two arrivals is shorter, and to spin until the next
    // would take the CPU from the crowd beside us.
    std::chrono::nanoseconds most = sweep_every;
    if (const auto next = work.next(); next && !free_.empty())
        most = std::clamp<std::chrono::nanoseconds>(*next - clock::now(), std::chrono::nanoseconds(0), most);
    const timespec until{0, most.count()};
    std::array<epoll_event, 256> events;
    const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &until, nullptr);
    for (int each = 0; each < count; ++each) {
        const auto slot = static_cast<std::size_t>(events[static_cast<std::size_t>(each)].data.u64 & 0xffffffff);
        if (events[static_cast<std::size_t>(each)].data.u64 >> 32 != generation_[slot]) continue;
        if (connections_[slot].advance()) settle(slot);
    }
}

void driver::end_what_takes_too_long(clock::time_point now) {
    swept_ = now;
    for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
        if (!connections_[slot].busy() || now - connections_[slot].begun() < asked_.timeout) continue;
        connections_[slot].give_up();
        settle(slot);
    }
}

void driver::settle(std::size_t slot) {
    --busy_;
    free_.push_back(slot);
}

}  // namespace postern::load
