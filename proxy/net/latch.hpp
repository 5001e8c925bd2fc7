// Something that coroutines wait for and anybody on the same thread can let happen.
#pragma once

#include "proxy/net/loop.hpp"

#include <vector>

namespace postern::net {

class latch {
public:
    explicit latch(loop& on) : loop_(on) {}
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;

    // Returns when set() has been called, or had been. The latch must live until then.
    [[nodiscard]] task<> wait();
    // Whoever waits goes on soon, never inside this call.
    void set();
    // Closed again, for those who come later; who waits already is not concerned.
    void reset() { set_ = false; }

private:
    loop& loop_;
    std::vector<completion> waiting_;
    bool set_ = false;
};

}  // namespace postern::net
