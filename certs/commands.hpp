// OpenSSL's own configuration commands, for what has no key of ours (nginx's ssl_conf_command).
#pragma once

#include "certs/openssl.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

namespace postern::certs {

// Runs each `NAME VALUE` of `conf_command` on `context`, which is otherwise finished. Commands of SSL_CONF_cmd(3) that
// have a key here, that read files, or that would take back what every connection gets are refused.
void apply_commands(SSL_CTX* context, const config::ssl& settings, config::problems& found);

}  // namespace postern::certs
