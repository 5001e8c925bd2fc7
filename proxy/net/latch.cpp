#include "proxy/net/latch.hpp"

#include <utility>

namespace postern::net {

task<> latch::wait() {
    if (set_) co_return;
    auto set = operation([this](completion then) { waiting_.push_back(std::move(then)); }, as_result);
    co_await std::move(set);
}

void latch::set() {
    set_ = true;
    for (auto& waiter : std::exchange(waiting_, {})) loop_.soon(std::move(waiter));
}

}  // namespace postern::net
