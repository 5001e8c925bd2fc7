// The values of nginx's variables for one request (config/text_template.hpp lists them).
#pragma once

#include "config/text_template.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/ops/record.hpp"
#include "proxy/wire/forwarding.hpp"
#include "proxy/wire/head.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::session {

// What they are taken from. Everything must outlive the calls.
struct variable_source {
    const ops::connection_record& connection;
    const config::server& server;
    const wire::request_head& head;
    const wire::request_context& context;
    std::string_view path;  // normalized
    ops::request_id request_id;
    net::stream& client;  // for the address that it has connected to
};

[[nodiscard]] std::string expand(const config::text_template& text, const variable_source& from);
// proxy_set_header or add_header, for this request.
[[nodiscard]] std::vector<wire::set_header> expand(const std::vector<config::header_template>& headers,
                                                   const variable_source& from);

}  // namespace postern::session
