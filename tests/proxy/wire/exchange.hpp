// A session reduced to what wire does in it: bytes come in pieces, and go on as append_request and append_response have it.
#pragma once

#include "tests/proxy/wire/outcome.hpp"

#include "proxy/wire/forwarding.hpp"

namespace postern::wire {

// The client is 192.0.2.1, came to port 443 and is nobody's trusted proxy.
[[nodiscard]] request_context context_of(const request_head& head);

// One request on its way to a backend. All payload goes in one chunk if it goes in chunks, however it came.
[[nodiscard]] outcome forward_request(const pieces& received, const head_limits& limits = {});

// One response to this method on its way to an HTTP/1.1 client; `left` is what the backend sent behind it. The backend
// closes behind the last piece.
[[nodiscard]] outcome forward_response(const pieces& received, const std::string& method = "GET",
                                       const head_limits& limits = {});

}  // namespace postern::wire
