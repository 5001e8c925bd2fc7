// What is to be called once, when something has happened: a suspended coroutine, or a function object. Held in place, so
// that waiting allocates nothing; asio::any_completion_handler would be it, but the one of Boost 1.81 constructs itself
// from itself without end.
#pragma once

#include "proxy/net/net.hpp"

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace postern::net {

class completion {
public:
    completion() = default;
    template <class Handler>
    static completion of(Handler handler) {
        static_assert(sizeof(Handler) <= sizeof(room_) && alignof(Handler) <= alignof(void*));
        static_assert(std::is_nothrow_move_constructible_v<Handler>);
        completion made;
        ::new (made.room_) Handler(std::move(handler));
        made.does_ = &doer<Handler>::all;
        return made;
    }
    completion(completion&& other) noexcept { take(other); }
    completion& operator=(completion&& other) noexcept {
        if (this == &other) return *this;
        clear();
        take(other);
        return *this;
    }
    ~completion() { clear(); }

    [[nodiscard]] explicit operator bool() const { return does_ != nullptr; }
    // What was held is gone before it is called: it may end the life of whoever holds *this.
    void operator()(error_code e) { std::exchange(does_, nullptr)->call(room_, e); }
    void clear() {
        if (does_ != nullptr) std::exchange(does_, nullptr)->destroy(room_);
    }

private:
    struct deeds {
        void (*call)(void*, error_code);
        void (*move)(void* from, void* to);
        void (*destroy)(void*);
    };
    template <class Handler>
    struct doer {
        static Handler take_out(void* from) {
            auto* held = static_cast<Handler*>(from);
            Handler taken(std::move(*held));
            held->~Handler();
            return taken;
        }
        static void call(void* held, error_code e) {
            Handler handler = take_out(held);
            std::move(handler)(e);
        }
        static void move(void* from, void* to) { ::new (to) Handler(take_out(from)); }
        static void destroy(void* held) { static_cast<Handler*>(held)->~Handler(); }
        static constexpr deeds all{call, move, destroy};
    };

    void take(completion& other) {
        does_ = std::exchange(other.does_, nullptr);
        if (does_ != nullptr) does_->move(other.room_, room_);
    }

    // Every socket has two of them: no more room than for a suspended coroutine (two pointers), or for `this` and two more.
    alignas(void*) std::byte room_[3 * sizeof(void*)];
    const deeds* does_ = nullptr;
};

// An asynchronous operation in Asio's sense: `begin` gets its completion, and has it called once.
template <class Token, class Begin>
auto operation(Begin begin, Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [begin = std::move(begin)](auto handler) { begin(completion::of(std::move(handler))); }, token);
}

}  // namespace postern::net
