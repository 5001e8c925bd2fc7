#include "proxy/ops/user.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

using namespace postern::ops;

namespace {

// The value of a line of /proc/self/status, without white space around it.
std::string status(const std::string& key) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key + ":")) return line.substr(line.find_first_not_of(" \t", key.size() + 1));
    return "missing";
}

std::string four_times(unsigned id) {
    const auto n = std::to_string(id);
    return n + "\t" + n + "\t" + n + "\t" + n;
}

// Ends a child process with a word for each thing that is not as it should be.
[[noreturn]] void judge(bool good, const std::string& what) {
    if (!good) std::fprintf(stderr, "%s\n", what.c_str());
    ::_exit(good ? 0 : 1);
}

}  // namespace

TEST(user, who_does_not_exist_is_named) {
    EXPECT_EQ(check_user(""), "");
    EXPECT_EQ(check_user("root"), "");
    EXPECT_EQ(check_user("root:root"), "");
    EXPECT_EQ(check_user("no-such-user"), "no such user: no-such-user");
    EXPECT_EQ(check_user("root:no-such-group"), "no such group: no-such-group");
    EXPECT_EQ(check_user(":root"), "no such user: ");
}

TEST(user, no_name_changes_nothing) {
    const auto before = status("Uid");
    EXPECT_EQ(become_user(""), "");
    EXPECT_EQ(status("Uid"), before);
}

TEST(user, root_becomes_the_user_and_keeps_nothing) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    const auto* nobody = ::getpwnam("nobody");
    ASSERT_NE(nobody, nullptr);
    const auto uid = four_times(nobody->pw_uid);
    const auto gid = four_times(nobody->pw_gid);
    const auto group = std::to_string(nobody->pw_gid);
    EXPECT_EXIT(
        {
            const auto error = become_user("nobody");
            const auto groups = status("Groups");
            judge(error.empty() && status("Uid") == uid && status("Gid") == gid &&
                      groups.find_first_not_of(group + " ") == std::string::npos &&
                      std::stoull(status("CapEff"), nullptr, 16) == 0 &&
                      std::stoull(status("CapPrm"), nullptr, 16) == 0 &&
                      std::stoull(status("CapAmb"), nullptr, 16) == 0 && status("NoNewPrivs") == "1" &&
                      ::setuid(0) != 0 && ::setgid(0) != 0,
                  error + status("Uid") + "|" + status("Gid") + "|" + groups + "|" + status("CapPrm"));
        },
        testing::ExitedWithCode(0), "^$");
}

TEST(user, a_group_of_its_own_is_taken) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    const auto* daemon_group = ::getgrnam("daemon");
    ASSERT_NE(daemon_group, nullptr);
    const auto gid = four_times(daemon_group->gr_gid);
    EXPECT_EXIT(judge(become_user("nobody:daemon").empty() && status("Gid") == gid, status("Gid")),
                testing::ExitedWithCode(0), "^$");
}

TEST(user, a_capability_that_survives_the_change_is_a_way_back_and_is_refused) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer's own thread lacks the secure bit, and glibc aborts when threads differ";
#endif
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    constexpr unsigned long no_setuid_fixup = 1UL << 2;  // SECBIT_NO_SETUID_FIXUP, capabilities(7)
    EXPECT_EXIT(
        {
            if (::prctl(PR_SET_SECUREBITS, no_setuid_fixup) != 0) ::_exit(2);
            const auto said = become_user("nobody");
            judge(said == "the way back to root is still open", said);
        },
        testing::ExitedWithCode(0), "^$");
}

TEST(user, who_is_not_root_stays_who_they_are) {
    if (::geteuid() != 0) {
        EXPECT_EQ(become_user("nobody"), "");
        return;
    }
    EXPECT_EXIT(
        {
            if (!become_user("nobody").empty()) ::_exit(2);
            const auto before = status("Uid");
            judge(become_user("root").empty() && status("Uid") == before, status("Uid"));
        },
        testing::ExitedWithCode(0), "^$");
}
