// Becoming another user for good.
#pragma once

#include <string>

namespace postern::ops {

// "user" or "user:group". Empty when the process has become that user, with no way back and no supplementary privilege;
// else the reason why not. Does nothing, successfully, for an empty name or a process that is not root.
[[nodiscard]] std::string become_user(const std::string& user_and_group);

}  // namespace postern::ops
