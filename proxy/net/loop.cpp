#include "proxy/net/loop.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace postern::net {
namespace {

constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::size_t events_a_turn = 256;

unique_fd made(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::system_category(), what);
    return unique_fd(fd);
}

int milliseconds(clock::duration most) {
    if (most <= clock::duration::zero()) return 0;
    constexpr std::chrono::milliseconds longest = std::chrono::hours(1);
    // Rounded up: to wake a moment early would be to wake twice.
    return static_cast<int>(std::min(std::chrono::ceil<std::chrono::milliseconds>(most), longest).count());
}

}  // namespace

loop::loop()
    : epoll_(made(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(made(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      work_(context_.get_executor()) {
    // Edge-triggered, so that nobody has to read it.
    epoll_event event{EPOLLIN | EPOLLET, {}};
    if (::epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, wake_.value(), &event) != 0)
        throw std::system_error(errno, std::system_category(), "epoll_ctl");
}

// A handler holds a coroutine, whose frame may hold the sockets that others wait for.
loop::~loop() {
    while (!watches_.empty()) {
        auto& w = watches_.front();
        watches_.pop_front();
        // Taken out first: what dies with the handler may be *this watch.
        const std::array held{std::move(w.waiters_[0].then), std::move(w.waiters_[1].then)};
    }
    const auto never = std::move(later_);
    const auto nor = std::move(soon_);
}

void loop::wake() {
    if (woken_.exchange(true)) return;
    // Fails when the count is at its end, which is as good a wake-up.
    static_cast<void>(::eventfd_write(wake_.value(), 1));
}

// Asio's queue is looked at between two handlers and never within one: what a handler has posted would wait for its end.
void loop::run() {
    constexpr clock::duration for_ever = std::chrono::hours(1);
    context_.poll();
    while (!leaving_) turn(for_ever);
    context_.poll();
}

void loop::turn(clock::duration most) {
    look(most);
    // Before the queue is looked at: who posts after this wakes us again.
    woken_.store(false);
    context_.poll();
    // Those that go on now may post again.
    while (!soon_.empty()) {
        for (auto& next : std::exchange(soon_, {})) next.then(next.with);
        context_.poll();
    }
    retired_.clear();
}

void loop::look(clock::duration most) {
    if (!soon_.empty() || !later_.empty() || !due_.empty()) most = {};
    if (const auto next = deadlines_.next_sweep()) most = std::min(most, *next - clock::now());
    std::array<epoll_event, events_a_turn> events;
    const int count = ::epoll_wait(epoll_.value(), events.data(), static_cast<int>(events.size()), milliseconds(most));
    ++turns_;
    running_.swap(later_);
    fire_due();
    for (int i = 0; i < count; ++i)
        if (auto* w = static_cast<watch*>(events[static_cast<std::size_t>(i)].data.ptr))
            happened(*w, events[static_cast<std::size_t>(i)].events);
    if (const auto next = deadlines_.next_sweep())
        if (const auto now = clock::now(); now >= *next) deadlines_.sweep(now);
    for (auto& then : running_) then(error_code());
    running_.clear();
}

std::unique_ptr<watch> loop::open(int descriptor) {
    auto w = std::make_unique<watch>(descriptor);
    watches_.push_back(*w);
    return w;
}

void loop::wait(watch& w, direction to, completion then) {
    const auto room = std::find_if(w.waiters_.begin(), w.waiters_.end(), [](const auto& each) { return !each.then; });
    if (room == w.waiters_.end()) return later(std::move(then));
    *room = {std::move(then), to};
    bool& reported = to == direction::read ? w.readable : w.writable;
    bool due = reported || (to == direction::read && w.hung_up);
    // Also when it is over already: somebody may read or write in between, and find nothing left.
    if (!ask(w, to)) {
        // No memory to watch it: whoever waits finds the connection at its end, and does not try in vain for ever.
        ::shutdown(w.fd, SHUT_RDWR);
        due = reported = true;
    }
    if (!due || std::exchange(w.due_, true)) return;
    due_.push_back(&w);
}

bool loop::ask(watch& w, direction to) {
    const std::uint32_t wanted =
        w.asked_ | EPOLLIN | EPOLLRDHUP | EPOLLET | (to == direction::write ? EPOLLOUT : std::uint32_t{0});
    if (wanted == w.asked_) return true;
    epoll_event event{wanted, {.ptr = &w}};
    // Either call reports at once what is ready already.
    if (::epoll_ctl(epoll_.value(), w.asked_ == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, w.fd, &event) != 0) return false;
    w.asked_ = wanted;
    return true;
}

void loop::happened(watch& w, std::uint32_t events) {
    if ((events & ends) != 0) w.hung_up = true;
    if ((events & (EPOLLIN | ends)) != 0) fire(w, direction::read);
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) fire(w, direction::write);
}

void loop::fire(watch& w, direction to) {
    bool waited = false;
    for (auto& each : w.waiters_)
        if (each.then && each.to == to) {
            waited = true;
            auto then = std::move(each.then);
            then(error_code());
        }
    if (!waited) (to == direction::read ? w.readable : w.writable) = true;
}

void loop::fire_due() {
    for (watch* w : std::exchange(due_, {})) {
        w->due_ = false;
        if (std::exchange(w->readable, false) || w->hung_up) fire(*w, direction::read);
        if (std::exchange(w->writable, false)) fire(*w, direction::write);
    }
}

void loop::cancel(watch& w) {
    for (auto& each : w.waiters_)
        if (each.then) soon(std::move(each.then), asio::error::operation_aborted);
}

void loop::retire(std::unique_ptr<watch> w) {
    cancel(*w);
    w->unlink();
    if (w->due_) std::erase(due_, w.get());
    retired_.push_back(std::move(w));
}

}  // namespace postern::net
