// Loaded into postern by LD_PRELOAD: counts the calls of operator new, which are our own allocations and those of our C++
// libraries, and none of OpenSSL's. Their number is in the file named by COUNT_NEW when the process has ended.
#include <dlfcn.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<unsigned long> count;

// The one that would have been called, whose symbol is ours too.
template <class Function>
Function* next(const char* symbol) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
}

struct at_the_end {
    ~at_the_end() {
        const char* name = std::getenv("COUNT_NEW");
        std::FILE* file = name != nullptr ? std::fopen(name, "w") : nullptr;
        if (file == nullptr) return;
        std::fprintf(file, "%lu\n", count.load());
        std::fclose(file);
    }
} writer;

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier, readability-inconsistent-declaration-parameter-name): the names are the ABI's.
extern "C" {

// operator new(unsigned long), its array form, and both for an alignment.
void* _Znwm(std::size_t n) {
    static auto* const real = next<void*(std::size_t)>("_Znwm");
    ++count;
    return real(n);
}

void* _Znam(std::size_t n) {
    static auto* const real = next<void*(std::size_t)>("_Znam");
    ++count;
    return real(n);
}

void* _ZnwmSt11align_val_t(std::size_t n, std::size_t alignment) {
    static auto* const real = next<void*(std::size_t, std::size_t)>("_ZnwmSt11align_val_t");
    ++count;
    return real(n, alignment);
}

void* _ZnamSt11align_val_t(std::size_t n, std::size_t alignment) {
    static auto* const real = next<void*(std::size_t, std::size_t)>("_ZnamSt11align_val_t");
    ++count;
    return real(n, alignment);
}

// What Asio may take for frames of coroutines.
void* aligned_alloc(std::size_t alignment, std::size_t n) {
    static auto* const real = next<void*(std::size_t, std::size_t)>("aligned_alloc");
    ++count;
    return real(alignment, n);
}
}
// NOLINTEND(bugprone-reserved-identifier, readability-inconsistent-declaration-parameter-name)
