#include "proxy/net/latch.hpp"

#include <utility>

namespace postern::net {

task<> latch::wait() {
    if (set_) co_return;
    auto begin = [this](auto handler) { waiting_.push_back(completion<>::of(std::move(handler))); };
    auto operation = asio::async_initiate<const asio::deferred_t&, void()>(std::move(begin), asio::deferred);
    co_await std::move(operation);
}

void latch::set() {
    set_ = true;
    for (auto& waiter : std::exchange(waiting_, {}))
        asio::post(loop_.context(), [waiter = std::move(waiter)]() mutable { waiter(); });
}

}  // namespace postern::net
