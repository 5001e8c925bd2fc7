// nginx's variables about the client's certificate and its hello.
#pragma once

#include "config/text_template.hpp"
#include "proxy/ops/record.hpp"

#include <string>

namespace postern::session {

// Empty for a variable of another kind, and for what the client has not shown.
[[nodiscard]] std::string client_value(config::variable v, const ops::connection_record& of);

// Its value is kept from the handshake, when it is asked for at all.
[[nodiscard]] bool is_of_the_hello(config::variable v);

}  // namespace postern::session
