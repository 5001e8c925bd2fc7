// What a command line asks for, as values. parse() knows the flags; each verb's file knows how to do it.
#pragma once

#include "config/endpoint.hpp"
#include "config/reference.hpp"
#include "proxy/cli/sidecar.hpp"

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::cli {

inline constexpr auto default_config_file = "/etc/postern/postern.yaml";

struct serve_command {
    std::string config_file;       // empty when `flags` are there
    std::optional<sidecar> flags;  // the settings of a server without a file
};

struct check_command {
    std::string config_file;
    bool files = true;  // look into the certificates and keys that it names
};

struct reload_command {
    std::string config_file;
};

struct status_command {
    std::string config_file;
    std::optional<config::endpoint> admin;           // in place of the one that the file tells
    std::optional<std::chrono::milliseconds> watch;  // look again after this time, until a signal
    bool json = false;                               // what the daemon says, as it says it
};

struct demo_command {
    config::endpoint listen;
};

struct reference_command {
    config::reference_format format = config::reference_format::markdown;
};

struct version_command {};

using command = std::variant<serve_command, check_command, reload_command, status_command, demo_command,
                             reference_command, version_command>;

// A command line that is answered by a text: help (to stdout, 0) or what is wrong with it (to stderr, EX_USAGE).
struct answer {
    int exit_code = 0;
    std::string text;
};

// `arguments` without the program's name.
[[nodiscard]] std::variant<command, answer> parse(const std::vector<std::string>& arguments);

struct streams {
    std::ostream& out;
    std::ostream& err;
};

// Each returns the exit code (manual.cpp lists them). What cannot go on is thrown as std::exception; run() says it.
[[nodiscard]] int perform(const serve_command& c, streams to);
[[nodiscard]] int perform(const check_command& c, streams to);
[[nodiscard]] int perform(const reload_command& c, streams to);
[[nodiscard]] int perform(const status_command& c, streams to);
[[nodiscard]] int perform(const demo_command& c, streams to);
[[nodiscard]] int perform(const reference_command& c, streams to);
[[nodiscard]] int perform(const version_command& c, streams to);

}  // namespace postern::cli
