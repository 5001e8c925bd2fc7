// OpenSSL's random numbers ask for the process id each time, to notice a fork: six system calls a handshake. The dynamic
// linker takes the program's getpid() before the C library's. A child of fork() asks the kernel again; we make none by
// vfork() or clone() that lives on without exec().
#include "proxy/ops/process_id.hpp"

#include <atomic>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<pid_t> known{0};

pid_t asked() { return static_cast<pid_t>(::syscall(SYS_getpid)); }

}  // namespace

namespace postern::ops {

void remember_process_id() {
    if (known.load(std::memory_order_relaxed) != 0) return;
    if (::pthread_atfork(nullptr, nullptr, [] { known.store(asked(), std::memory_order_relaxed); }) != 0) return;
    known.store(asked(), std::memory_order_relaxed);
}

}  // namespace postern::ops

extern "C" __attribute__((visibility("default"))) pid_t getpid() noexcept {
    const pid_t id = known.load(std::memory_order_relaxed);
    return id != 0 ? id : asked();
}
