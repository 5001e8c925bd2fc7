#include "own_stack.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <pthread.h>

namespace postern::tls::testing {

std::vector<std::size_t> left_on_the_stack(const std::function<void()>& work,
                                           const std::vector<std::span<const std::uint8_t>>& secrets) {
    constexpr std::size_t size = 1 << 20;
    constexpr std::size_t page = 4096;
    const std::unique_ptr<void, void (*)(void*)> stack(std::aligned_alloc(page, size), std::free);
    auto* const first = static_cast<std::uint8_t*>(stack.get());
    std::fill_n(first, size, std::uint8_t{0});
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstack(&attributes, stack.get(), size);
    pthread_t thread{};
    const auto run = [](void* argument) -> void* {
        // The end of the thread writes over what lies nearest to the stack's beginning.
        volatile std::uint8_t gap[16 * 1024];
        for (auto& byte : gap) byte = 0;
        (*static_cast<const std::function<void()>*>(argument))();
        return nullptr;
    };
    if (::pthread_create(&thread, &attributes, run, const_cast<std::function<void()>*>(&work)) != 0)
        throw std::runtime_error("no thread");
    ::pthread_join(thread, nullptr);
    ::pthread_attr_destroy(&attributes);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < secrets.size(); ++i)
        for (std::size_t at = 0; at + 8 <= secrets[i].size(); ++at) {
            const auto part = secrets[i].subspan(at, 8);
            if (std::search(first, first + size, part.begin(), part.end()) == first + size) continue;
            found.push_back(i);
            break;
        }
    return found;
}

}  // namespace postern::tls::testing
