// What an exchange needs to know of a request, as values: nothing of it points into the request.
#pragma once

#include "config/settings.hpp"
#include "proxy/session/face.hpp"
#include "proxy/session/variables.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/wire/forwarding.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace postern::session {

// Where a request goes, and how long each step may take.
struct exchange_plan {
    std::shared_ptr<upstream::target> target;
    config::milliseconds connect_timeout;
    config::milliseconds send_timeout;
    config::milliseconds read_timeout;
    std::string head;                   // the request's head as it is sent to the peer
    std::vector<wire::set_header> set;  // what the operator has set in it
    std::string method;
    bool upgrade = false;  // it asks for another protocol
    wire::body_length body;
    std::size_t largest_body = 0;  // 0: no limit
    std::uint64_t connection = 0;  // the client's, for the log
};

// For a request that server `index` forwards, by its location `at` or (null) by its own proxy_pass.
[[nodiscard]] exchange_plan make_exchange_plan(face& f, std::size_t index, const config::location* at,
                                               const variable_source& from);

}  // namespace postern::session
