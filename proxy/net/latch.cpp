#include "proxy/net/latch.hpp"

#include <utility>

namespace postern::net {

task<> latch::wait() {
    if (set_) co_return;
    auto begin = [this](auto handler) { waiting_.push_back(completion::of(std::move(handler))); };
    auto operation = asio::async_initiate<decltype(as_result), void(error_code)>(std::move(begin), as_result);
    co_await std::move(operation);
}

void latch::set() {
    set_ = true;
    for (auto& waiter : std::exchange(waiting_, {})) loop_.soon(std::move(waiter));
}

}  // namespace postern::net
