#include "proxy/ops/process_id.hpp"

#include <gtest/gtest.h>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace postern::ops;

TEST(process_id, is_the_kernels_also_after_a_fork) {
    remember_process_id();
    remember_process_id();
    EXPECT_EQ(::getpid(), ::syscall(SYS_getpid));
    const pid_t child = ::fork();
    if (child == 0) ::_exit(::getpid() == ::syscall(SYS_getpid) ? 0 : 1);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}
