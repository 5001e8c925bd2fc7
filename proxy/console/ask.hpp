// Asking an admin listener for its /status: one connection a question, with a limit for everything.
#pragma once

#include "config/endpoint.hpp"
#include "proxy/console/trouble.hpp"
#include "proxy/net/net.hpp"
#include "proxy/upstream/address.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace postern::console {

struct admin_address {
    std::string name;                          // as an operator writes it
    std::vector<upstream::address> addresses;  // to be tried in this order
};

// Resolves a name, for which there are 5 s. Blocks.
[[nodiscard]] result<admin_address> find_admin(const config::endpoint& where);

// The body of its answer, which is of 4 MiB at most and must be there within 5 s. To connect to one of several addresses
// there is a share of that; the first that is connected to has all that is left.
[[nodiscard]] net::task<result<std::string>> ask_status(admin_address where);

// The same, for who has nothing else to do meanwhile.
[[nodiscard]] result<std::string> ask_status_now(const admin_address& where);

}  // namespace postern::console
