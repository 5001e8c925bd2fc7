#include "proxy/net/readiness.hpp"

#include <utility>

namespace postern::net {
namespace {

class sleeper final : public deadline {
public:
    explicit sleeper(loop& on) : loop_(on) {}
    void sleep(clock::duration time, completion then) {
        then_ = std::move(then);
        arm(loop_.all_deadlines(), time);
    }

private:
    void expired() override { loop_.later(std::move(then_)); }

    loop& loop_;
    completion then_;
};

}  // namespace

// Each a coroutine of its own that calls no other: a client that is silent for an hour keeps the frames all that time.
task<wait_result> readiness::readable(stream& s, clock::duration within) {
    if (stopped_) co_return wait_result::stopped;
    begin(s, within);
    const auto what = s.read_waits_for_write() ? direction::write : direction::read;
    co_await s.socket().async_wait(what, as_result);
    s.became_readable();
    co_return end();
}

task<wait_result> readiness::writable(stream& s, clock::duration within) {
    if (stopped_) co_return wait_result::stopped;
    begin(s, within);
    co_await s.socket().async_wait(direction::write, as_result);
    co_return end();
}

void readiness::begin(stream& s, clock::duration within) {
    timed_out_ = ended_ = false;
    waiting_for_ = &s;
    arm(all_, within);
}

wait_result readiness::end() {
    disarm();
    waiting_for_ = nullptr;
    if (stopped_ || ended_) return wait_result::stopped;
    return timed_out_ ? wait_result::timeout : wait_result::ready;
}

void readiness::stop() {
    stopped_ = true;
    interrupt();
}

void readiness::end_wait() {
    ended_ = true;
    interrupt();
}

void readiness::expired() {
    timed_out_ = true;
    interrupt();
}

void readiness::interrupt() {
    if (waiting_for_ == nullptr) return;
    waiting_for_->socket().cancel();
}

task<> let_others_run(loop& on) {
    auto later = operation([&on](completion then) { on.later(std::move(then)); }, as_result);
    co_await std::move(later);
}

task<> sleep_for(loop& on, clock::duration time) {
    sleeper asleep(on);
    auto sleeping = operation([&asleep, time](completion then) { asleep.sleep(time, std::move(then)); }, as_result);
    co_await std::move(sleeping);
}

task<io_status> write_all(stream& s, std::span<const std::uint8_t> bytes, readiness& wait, clock::duration within) {
    for (;;) {
        const auto put = bytes.empty() ? io_result{s.flush(), 0} : s.write_some(bytes);
        bytes = bytes.subspan(put.bytes);
        if (put.status == io_status::ok && bytes.empty()) co_return io_status::ok;
        if (put.status == io_status::ok) continue;
        if (put.status != io_status::would_block) co_return put.status;
        const auto waited = co_await wait.writable(s, within);
        if (waited == wait_result::timeout) co_return io_status::timeout;
        if (waited == wait_result::stopped) co_return io_status::stopped;
    }
}

}  // namespace postern::net
