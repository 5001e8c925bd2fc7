// Responses that outlive the process: a file for each certificate, named by its fingerprint, in `state_directory`. What is
// read back is judged like any other response.
#pragma once

#include "certs/identity.hpp"

#include <string>

namespace postern::certs {

[[nodiscard]] std::string kept_path(const std::string& folder, const std::string& fingerprint);

struct kept_response {
    der bytes;          // empty: there is none
    std::string error;  // the system's words when there is one that cannot be read
};
[[nodiscard]] kept_response read_kept(const std::string& folder, const std::string& fingerprint);

// A whole file takes the place of the one before it, or none does. The text is empty, or why it could not be written.
[[nodiscard]] std::string keep(const std::string& folder, const std::string& fingerprint, const der& response);
// Removes it, if there is one.
void forget_kept(const std::string& folder, const std::string& fingerprint);

}  // namespace postern::certs
