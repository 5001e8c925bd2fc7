#include "proxy/ops/user.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace postern::ops {
namespace {

std::string failed(const std::string& what) { return what + ": " + std::strerror(errno); }

}  // namespace

std::string become_user(const std::string& user_and_group) {
    if (user_and_group.empty() || ::geteuid() != 0) return {};
    const auto colon = user_and_group.find(':');
    const std::string user = user_and_group.substr(0, colon);
    const passwd* who = ::getpwnam(user.c_str());
    if (who == nullptr) return "no such user: " + user;
    const uid_t uid = who->pw_uid;
    gid_t gid = who->pw_gid;
    if (colon != std::string::npos) {
        const std::string name = user_and_group.substr(colon + 1);
        const group* which = ::getgrnam(name.c_str());
        if (which == nullptr) return "no such group: " + name;
        gid = which->gr_gid;
    }
    if (::initgroups(user.c_str(), gid) != 0) return failed("initgroups");
    if (::setresgid(gid, gid, gid) != 0) return failed("setresgid");
    if (::setresuid(uid, uid, uid) != 0) return failed("setresuid");
    if (uid != 0 && ::setuid(0) == 0) return "the way back to root is still open";
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
    // Changing the user makes a process undumpable; its own /proc entries stay readable to it all the same.
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return {};
}

}  // namespace postern::ops
