// Ticket keys and secrets from the files that a configuration names.
#pragma once

#include "certs/ticket_source.hpp"
#include "config/problem.hpp"

#include <string>
#include <vector>

namespace postern::certs {

// nginx's ssl_session_ticket_key: each file is a key, the first seals. Null with an error in `found`, under
// "session_ticket_key[0]" and so on, when one cannot be used; a file that everybody may read is a warning.
[[nodiscard]] std::shared_ptr<ticket_source> read_ticket_keys(const std::vector<std::string>& files,
                                                              config::problems& found);

// session_ticket_secret: likewise, each file is a secret. The source has no keys before its first turn.
[[nodiscard]] std::shared_ptr<ticket_source> read_ticket_secrets(const std::vector<std::string>& files,
                                                                 config::problems& found);

}  // namespace postern::certs
