// `postern serve` without a file: the settings of one TCP server from flags.
#pragma once

#include "config/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::cli {

// One flag's values, as given; empty when it was not. Which key of the configuration it stands for is in sidecar.cpp.
struct sidecar {
    std::vector<std::string> listen;
    std::vector<std::string> certificate;
    std::vector<std::string> key;  // empty where the certificate's file holds the key
    std::vector<std::string> proxy_pass;
    std::vector<std::string> user;
    std::vector<std::string> workers;
    std::vector<std::string> log_level;
    std::vector<std::string> log_format;
    std::vector<std::string> access_log;
    std::vector<std::string> admin;
};

struct sidecar_flag {
    std::string_view flag;  // "--listen"
    std::string_view type;  // what follows it, for the help
    std::vector<std::string> sidecar::*values;
    std::string_view key;  // in the configuration: "servers[0].listen"
    bool needed = false;   // a sidecar cannot be without it
    bool many = false;     // may be given several times
    std::string_view line;
};

// The rows from which the flags, their help and the document are made.
[[nodiscard]] const std::vector<sidecar_flag>& sidecar_flags();

// The flags as a configuration, checked as a file's is. Relative paths are taken from the working directory. A problem's
// place is its flag.
[[nodiscard]] config::document sidecar_document(const sidecar& flags);

}  // namespace postern::cli
