// Something that coroutines wait for and anybody on the same thread can let happen.
#pragma once

#include "proxy/net/net.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace postern::net {

// A suspended coroutine, as something to call once. asio::any_completion_handler would be it, but the one of Boost 1.81
// constructs itself from itself without end.
class resumption {
public:
    resumption() = default;
    template <class Handler>
    static resumption of(Handler handler) {
        resumption made;
        made.held_ = std::make_unique<holder<Handler>>(std::move(handler));
        return made;
    }

    [[nodiscard]] explicit operator bool() const { return held_ != nullptr; }
    // The coroutine goes on inside this call.
    void operator()() { std::exchange(held_, nullptr)->resume(); }

private:
    struct base {
        virtual ~base() = default;
        virtual void resume() = 0;
    };
    template <class Handler>
    struct holder final : base {
        explicit holder(Handler h) : handler(std::move(h)) {}
        void resume() override { std::move(handler)(); }
        Handler handler;
    };
    std::unique_ptr<base> held_;
};

class latch {
public:
    explicit latch(executor on) : executor_(on) {}
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;

    // Returns when set() has been called, or had been. The latch must live until then.
    [[nodiscard]] task<> wait();
    // Whoever waits goes on in a later turn of the loop, never inside this call.
    void set();
    // Closed again, for those who come later; who waits already is not concerned.
    void reset() { set_ = false; }

private:
    executor executor_;
    std::vector<resumption> waiting_;
    bool set_ = false;
};

}  // namespace postern::net
