// The parameters of DHE, whose suites are offered only where an operator gives some (nginx's ssl_dhparam).
#pragma once

#include "certs/library.hpp"
#include "certs/openssl.hpp"
#include "config/problem.hpp"

#include <memory>
#include <string>

namespace postern::certs {

// The text of a PEM file that holds DH parameters; null with an error in `found` when it does not. Weak ones are warned
// of.
[[nodiscard]] std::shared_ptr<const std::string> load_dh_parameters(const std::string& file, config::problems& found);

// Sets them on `context`, whose security level may refuse them.
void apply_dh_parameters(SSL_CTX* context, const std::string& pem, const library& in, config::problems& found);

}  // namespace postern::certs
