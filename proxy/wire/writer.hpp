// Header lines, written.
#pragma once

#include "proxy/wire/forwarding.hpp"

namespace postern::wire {

void append_line(std::string& to, std::string_view name, std::string_view value);
void append_number(std::string& to, std::uint64_t number);
// Content-Length or Transfer-Encoding; nothing for a body that has none of them.
void append_body_length(std::string& to, const body_length& body);
// Those of the operator's that are headers, in their order.
void append_set(std::string& to, std::span<const set_header> set);
// The operator says what this header is, or that there is none; also when it is spelt with `_` for `-`.
[[nodiscard]] bool sets(std::span<const set_header> set, std::string_view name);

}  // namespace postern::wire
