// What answers a request: the server that its Host means, and the location that its path does. nginx's rules. Pure.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/session/snapshot.hpp"
#include "proxy/wire/target.hpp"

#include <string>
#include <string_view>

namespace postern::session {

// The server for this Host among those of the address; the connection's own where no name fits. Failure misdirected: the
// handshake was made with a server that guards its clients otherwise (RFC 9110 section 15.5.20), or Host means a server
// that does not speak HTTP.
[[nodiscard]] result<std::size_t> choose_server(const snapshot& all, const listen_address& at,
                                                std::size_t of_connection, std::string_view host);

// The exact match, else the longest prefix; null when none fits.
[[nodiscard]] const config::location* choose_location(const config::server& server, std::string_view path);

// What the backend is asked for: the target as received, or with the location's prefix replaced when proxy_pass has a
// path. `path` is the target's normalized path.
[[nodiscard]] std::string upstream_target(const config::destination& to, const config::location* at,
                                          std::string_view target, std::string_view path);

// nginx: a path that only wants its `/` to be a location which is proxied is redirected there, unless `at`, what was
// chosen for it, is this very path.
[[nodiscard]] bool lacks_slash(const config::server& server, const config::location* at, std::string_view path);
// Where to: to the normalized path and not the target, which may begin with `//` and then means another host.
[[nodiscard]] std::string with_slash(std::string_view target, std::string_view path);

// `location` as a redirect within this host when it is a path, also one that a browser would take for a host because it
// begins with `//` or `/\` (nginx writes the host before each path).
[[nodiscard]] std::string on_this_host(std::string location);

// "8448" of `redirect: https:8448`; empty: 443.
[[nodiscard]] std::string_view https_port(std::string_view redirect);

// What the server is called where no name was asked for: the first of its names, empty when it has none; `.example.org`
// is called by the one of its two names that has no `*` (nginx's $server_name).
[[nodiscard]] std::string_view first_name(const config::server& server);

// Where `redirect: https[:PORT]` sends a request: its own host where that is one of the server's, else the server's first
// name; nothing when there is neither.
[[nodiscard]] std::string https_location(const config::server& server, const listen_address& at, std::string_view port,
                                         std::string_view host, std::string_view target);

}  // namespace postern::session
