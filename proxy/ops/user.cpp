#include "proxy/ops/user.hpp"

#include <cerrno>
#include <cstring>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace postern::ops {
namespace {

struct identity {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string error;
};

identity look_up(const std::string& user_and_group) {
    const auto colon = user_and_group.find(':');
    identity who;
    who.name = user_and_group.substr(0, colon);
    const passwd* user = ::getpwnam(who.name.c_str());
    if (user == nullptr) {
        who.error = "no such user: " + who.name;
        return who;
    }
    who.uid = user->pw_uid;
    who.gid = user->pw_gid;
    if (colon == std::string::npos) return who;
    const auto name = user_and_group.substr(colon + 1);
    if (const group* found = ::getgrnam(name.c_str()))
        who.gid = found->gr_gid;
    else
        who.error = "no such group: " + name;
    return who;
}

std::string failed(const std::string& what) { return what + ": " + std::strerror(errno); }

bool has_become(const identity& who) {
    uid_t real = 0, effective = 0, saved = 0;
    gid_t real_group = 0, effective_group = 0, saved_group = 0;
    return ::getresuid(&real, &effective, &saved) == 0 &&
           ::getresgid(&real_group, &effective_group, &saved_group) == 0 && real == who.uid && effective == who.uid &&
           saved == who.uid && real_group == who.gid && effective_group == who.gid && saved_group == who.gid;
}

// A capability that outlived the change of user (a secure bit of whoever started us) would be a way back.
bool can_return(const identity& who) {
    return (who.uid != 0 && ::setuid(0) == 0) || (who.uid != 0 && who.gid != 0 && ::setgid(0) == 0);
}

}  // namespace

std::string check_user(const std::string& user_and_group) {
    return user_and_group.empty() ? std::string() : look_up(user_and_group).error;
}

std::string become_user(const std::string& user_and_group) {
    if (user_and_group.empty() || ::geteuid() != 0) return {};
    const auto who = look_up(user_and_group);
    if (!who.error.empty()) return who.error;
    // The groups first: afterwards there is no right to change them.
    if (::initgroups(who.name.c_str(), who.gid) != 0) return failed("initgroups");
    if (::setresgid(who.gid, who.gid, who.gid) != 0) return failed("setresgid");
    if (::setresuid(who.uid, who.uid, who.uid) != 0) return failed("setresuid");
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return failed("ambient capabilities");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
    if (!has_become(who) || can_return(who)) return "the way back to root is still open";
    return {};
}

}  // namespace postern::ops
