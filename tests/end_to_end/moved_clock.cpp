// Loaded into postern by LD_PRELOAD: time(), which is what sessions and ticket keys go by, is ahead by the seconds in the
// file named by MOVED_CLOCK, eight bytes that a test writes whenever it likes.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const volatile std::int64_t* ahead() {
    static const auto* const mapped = []() -> const volatile std::int64_t* {
        const char* name = std::getenv("MOVED_CLOCK");
        const int file = name != nullptr ? ::open(name, O_RDONLY | O_CLOEXEC) : -1;
        if (file < 0) return nullptr;
        void* at = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
        ::close(file);
        return at == MAP_FAILED ? nullptr : static_cast<const std::int64_t*>(at);
    }
    ();
    return mapped;
}

}  // namespace

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's are reserved.
extern "C" std::time_t time(std::time_t* result) noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const std::time_t told = now.tv_sec + (ahead() != nullptr ? *ahead() : 0);
    if (result != nullptr) *result = told;
    return told;
}
