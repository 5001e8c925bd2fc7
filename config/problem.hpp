// What is wrong with a configuration, in the shape that every room reports it.
#pragma once

#include <string>
#include <vector>

namespace postern::config {

// Where in a file; line and column count from 1, 0 means "no place in a text" (a command-line setting).
struct place {
    std::string file;
    int line = 0;
    int column = 0;
};

enum class severity {
    error,    // the configuration cannot be used
    warning,  // it can, but the operator should know
};

// One thing wrong. `key` is the full path, e.g. "servers[0].ssl.certificate". Rooms that know only a part of the
// path (certs) fill in that part; the caller prefixes it and adds the place.
struct problem {
    severity level = severity::error;
    place where;
    std::string key;
    std::string what;        // "unknown key", "no such file", ...
    std::string found;       // the value in the file, as written; empty when there is none to show
    std::string allowed;     // what would be right: "on or off", "5s, 250ms, 10m"
    std::string suggestion;  // the nearest right word, when one is near
    std::string file = {};   // the path of a text or a folder of `include` that is missing or cannot be read
};

using problems = std::vector<problem>;

// "file:3:7: servers[0].listn: unknown key (did you mean listen?)"; one line, no newline.
[[nodiscard]] std::string to_string(const problem& p);

[[nodiscard]] bool has_error(const problems& all);

}  // namespace postern::config
