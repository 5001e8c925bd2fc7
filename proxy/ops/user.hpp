// Becoming another user for good.
#pragma once

#include <string>

namespace postern::ops {

// Whether "user" or "user:group" exist here. Returns nothing, or which one does not. Changes nothing.
[[nodiscard]] std::string check_user(const std::string& user_and_group);

// Returns nothing when the process has become that user, with no way back and no privilege left; else the reason why
// not, and the process must end: it may be half of each. Does nothing, successfully, for an empty name or a process
// that is not root (under systemd the unit's User= has done it, and leaves the capability to bind ports).
// To be called before the first thread, so that what the kernel keeps for each thread is inherited.
[[nodiscard]] std::string become_user(const std::string& user_and_group);

}  // namespace postern::ops
